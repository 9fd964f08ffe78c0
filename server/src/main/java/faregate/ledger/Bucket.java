package faregate.ledger;

import faregate.id.WalletId;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Which of 256 buckets a wallet's rows are in. Fixed for ever: rows are found by it.
public final class Bucket {
  static final int COUNT = 256;

  /// For `bucket IN (%s)`, where nobody can tell whose rows are asked for: keys begin with the
  /// bucket, so naming them all costs one look into the index for each, and naming none costs a
  /// pass over the table.
  static final String ALL =
      IntStream.range(0, COUNT).mapToObj(Integer::toString).collect(Collectors.joining(", "));

  private Bucket() {}

  public static int of(WalletId wallet) {
    return (int) (Print.mix(wallet.value()) & (COUNT - 1));
  }
}
