package faregate.hub;

import faregate.id.WalletId;
import faregate.identity.MonthlyGrant;
import faregate.ledger.LedgerReads.Lot;
import faregate.ledger.LotKind;
import faregate.money.Nanos;
import java.time.YearMonth;
import java.util.List;
import java.util.function.Function;

/// What a wallet's lots say, all read at one moment, so that the figures add up.
record Purse(WalletId wallet, List<Lot> lots, long nowMicros) {

  Purse {
    lots = lots.stream().filter(lot -> lot.kind() != LotKind.LIMIT).toList();
  }

  /// Lots that may be spent now, in order of use.
  List<Lot> inForce() {
    return lots.stream()
        .filter(lot -> lot.startsMicros() <= nowMicros && nowMicros < lot.expiresMicros())
        .toList();
  }

  /// What the tier granted for a month.
  Nanos included(YearMonth month) {
    String ref = MonthlyGrant.refOf(wallet, month);
    return sum(
        lots.stream()
            .filter(lot -> lot.ref().equals(ref) || lot.ref().startsWith(ref + ":"))
            .toList(),
        Lot::granted);
  }

  /// What calls were charged, ever.
  Nanos posted() {
    return sum(lots, Lot::posted);
  }

  /// What calls were charged on lots that began before a moment.
  Nanos postedOnLotsBefore(long micros) {
    return sum(lots.stream().filter(lot -> lot.startsMicros() < micros).toList(), Lot::posted);
  }

  /// What open holds hold.
  Nanos held() {
    return sum(lots, Lot::pending);
  }

  /// What was not charged yet of the lots in force; open holds count as left.
  Nanos unspent() {
    return sum(inForce(), lot -> lot.granted().minus(lot.posted()));
  }

  /// What a new call can hold.
  Nanos available() {
    return sum(inForce(), Purse::available);
  }

  static Nanos available(Lot lot) {
    return lot.granted().minus(lot.posted()).minus(lot.pending());
  }

  private static Nanos sum(List<Lot> lots, Function<Lot, Nanos> amount) {
    Nanos sum = Nanos.ZERO;
    for (Lot lot : lots) {
      sum = sum.plus(amount.apply(lot));
    }
    return sum;
  }
}
