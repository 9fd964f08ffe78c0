package faregate.ledger;

import faregate.id.WalletId;

/// Which of 256 buckets a wallet's rows are in. Fixed for ever: rows are found by it.
public final class Bucket {
  static final int COUNT = 256;

  private Bucket() {}

  public static int of(WalletId wallet) {
    return (int) (Print.mix(wallet.value()) & (COUNT - 1));
  }
}
