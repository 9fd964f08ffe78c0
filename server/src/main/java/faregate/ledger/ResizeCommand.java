package faregate.ledger;

import faregate.id.LotId;
import faregate.id.WalletId;
import faregate.money.Nanos;
import java.util.Locale;

/// Gives a lot another size.
///
/// @param size what the lot shall be worth in all, spent and held included; 0 closes it
/// @param ref unique in the wallet; a repeat changes nothing
/// @param reason for people: why
/// @param rule when it is carried out at all
public record ResizeCommand(
    WalletId wallet, LotId lot, Nanos size, String ref, String reason, Rule rule) {

  /// When a change of size is carried out.
  public enum Rule {
    /// Always.
    SET,

    /// Only where the lot was never worth so much: an entitlement that was reached is not taken
    /// back, in whatever order nodes ask.
    RAISE,

    /// Unless a later one of the same series was carried out before: of two nodes, the one that
    /// knows less cannot undo what the other did. See [#inSeries].
    LATEST
  }

  public ResizeCommand {
    if (size.value() < 0) {
      throw new IllegalArgumentException("a lot's size is 0 or more, not " + size);
    }
  }

  public ResizeCommand(WalletId wallet, LotId lot, Nanos size, String ref, String reason) {
    this(wallet, lot, size, ref, reason, Rule.SET);
  }

  /// One of a series of sizes, of which the one with the highest number counts.
  public static ResizeCommand inSeries(
      WalletId wallet, LotId lot, Nanos size, String series, long number, String reason) {
    String ref = String.format(Locale.ROOT, "%s:%019d", series, number);
    return new ResizeCommand(wallet, lot, size, ref, reason, Rule.LATEST);
  }

  /// What all references of its series begin with.
  String series() {
    return ref.substring(0, ref.lastIndexOf(':') + 1);
  }
}
