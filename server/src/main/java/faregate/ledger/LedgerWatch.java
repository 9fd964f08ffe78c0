package faregate.ledger;

/// Is told of each batch, on the writer's thread: for metrics. Must be quick and must not throw.
public interface LedgerWatch {
  LedgerWatch NONE = (_, _, _) -> {};

  /// @param commands how many were answered by this batch
  /// @param rows how many rows the transaction wrote; 0 where none was needed
  /// @param commitNanos how long the transaction took until it was durable
  void batch(int commands, int rows, long commitNanos);
}
