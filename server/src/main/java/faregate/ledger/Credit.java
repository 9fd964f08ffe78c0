package faregate.ledger;

import faregate.ledger.LedgerReads.Lot;
import faregate.money.Nanos;
import java.util.List;
import java.util.function.Function;

/// What a wallet has, all read at one moment, so that the figures add up: what is unspent is what
/// is held and what is available. Spending limits are left out, for they are no money.
///
/// @param lots in order of use
public record Credit(List<Lot> lots, long nowMicros) {

  public Credit {
    lots = lots.stream().filter(lot -> lot.kind() != LotKind.LIMIT).toList();
  }

  /// Lots that may be spent now, in order of use.
  public List<Lot> inForce() {
    return lots.stream()
        .filter(lot -> lot.startsMicros() <= nowMicros && nowMicros < lot.expiresMicros())
        .toList();
  }

  /// What is left of the lots in force: all that calls were not charged; open holds count as left.
  public Nanos unspent() {
    return sum(inForce(), lot -> lot.granted().minus(lot.posted()));
  }

  /// What of the unspent is set aside for calls that run now.
  public Nanos held() {
    return sum(inForce(), Lot::pending);
  }

  /// What a new call can hold.
  public Nanos available() {
    return unspent().minus(held());
  }

  /// What calls were charged, ever. What a purchase paid for a reversed one is no call's charge.
  public Nanos posted() {
    return sum(lots, Lot::posted).minus(sum(lots, Lot::repaid));
  }

  /// What was used of purchases that were reversed since: the next purchase pays it first.
  public Nanos debt() {
    return sum(lots, Lot::debt);
  }

  /// What calls were charged on lots that began before a moment.
  public Nanos postedOnLotsBefore(long micros) {
    List<Lot> older = lots.stream().filter(lot -> lot.startsMicros() < micros).toList();
    return sum(older, Lot::posted).minus(sum(older, Lot::repaid));
  }

  public static Nanos sum(List<Lot> lots, Function<Lot, Nanos> amount) {
    Nanos sum = Nanos.ZERO;
    for (Lot lot : lots) {
      sum = sum.plus(amount.apply(lot));
    }
    return sum;
  }
}
