package faregate.usage;

import faregate.id.WalletId;

/// Which of 256 parts of the tables a wallet's rows lie in. Fixed for ever, and the same as in the
/// ledger, so that all rows of a wallet meet on one shard.
final class Buckets {
  private Buckets() {}

  static int of(WalletId wallet) {
    long mixed = wallet.value() + 0x9e3779b97f4a7c15L;
    mixed = (mixed ^ (mixed >>> 30)) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
    return (int) ((mixed ^ (mixed >>> 31)) & 255);
  }
}
