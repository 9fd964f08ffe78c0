package faregate.ledger;

/// What an operator may set.
///
/// @param batchMax commands in one transaction
/// @param queueMax commands waiting for the writer; beyond it holds are answered `Overloaded`
/// @param lineMax holds waiting for credit, of all wallets; beyond it likewise
/// @param walletsCachedMax wallets kept in memory
/// @param endingsCachedMax endings kept in memory, so that repeats are told from new ids unread
/// @param graceMillis how long after its deadline a hold may stay open
/// @param freeBytesMin free disk below which holds stop and settles go on
/// @param distributed whether the database spreads its rows by bucket over several machines: then
///   each transaction has exactly one bucket, named in every statement
public record LedgerSettings(
    int batchMax,
    int queueMax,
    int lineMax,
    int walletsCachedMax,
    int endingsCachedMax,
    int graceMillis,
    long freeBytesMin,
    boolean distributed) {

  public static final LedgerSettings DEFAULT =
      new LedgerSettings(512, 65_536, 8192, 20_000, 32_768, 30_000, 64L << 20);

  /// For a database on one machine.
  public LedgerSettings(
      int batchMax,
      int queueMax,
      int lineMax,
      int walletsCachedMax,
      int endingsCachedMax,
      int graceMillis,
      long freeBytesMin) {
    this(
        batchMax,
        queueMax,
        lineMax,
        walletsCachedMax,
        endingsCachedMax,
        graceMillis,
        freeBytesMin,
        false);
  }

  public LedgerSettings spread() {
    return new LedgerSettings(
        batchMax,
        queueMax,
        lineMax,
        walletsCachedMax,
        endingsCachedMax,
        graceMillis,
        freeBytesMin,
        true);
  }
}
