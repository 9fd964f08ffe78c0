package faregate.usage;

import faregate.id.WalletId;

/// Which of 256 parts of the tables a wallet's rows lie in. Fixed for ever.
final class Buckets {
  private static final int COUNT = 256;

  private Buckets() {}

  static int of(WalletId wallet) {
    long mixed = wallet.value() * 0x9E3779B97F4A7C15L;
    return (int) Long.remainderUnsigned(mixed ^ (mixed >>> 32), COUNT);
  }
}
