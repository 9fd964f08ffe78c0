package faregate.ledger;

import faregate.id.LotId;
import faregate.id.WalletId;
import faregate.money.Nanos;

/// Gives a lot another size.
///
/// @param size what the lot shall be worth in all, spent and held included; 0 closes it
/// @param ref unique in the wallet; a repeat changes nothing
/// @param reason for people: why
public record ResizeCommand(WalletId wallet, LotId lot, Nanos size, String ref, String reason) {

  public ResizeCommand {
    if (size.value() < 0) {
      throw new IllegalArgumentException("a lot's size is 0 or more, not " + size);
    }
  }
}
