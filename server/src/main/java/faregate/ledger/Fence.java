package faregate.ledger;

/// Where a writer stands: its batch is written only while the stored row shows exactly this.
///
/// @param id as `finished` names it: bucket and node in one number
/// @param epoch changed whenever somebody takes the fence over
/// @param seq the last batch that was written
/// @param storedMicros the ledger's time of that batch
record Fence(long id, int bucket, int node, long epoch, long seq, long storedMicros) {

  static long id(int bucket, int node) {
    return ((long) bucket << 16) | node;
  }

  static int node(long id) {
    return (int) (id & 0xFFFF);
  }

  /// A row never goes back while the database remembers what it acknowledged.
  ///
  /// @param known how it stood once
  /// @throws LostCommitsException when it stands before that
  void mustNotPrecede(Fence known) {
    if (seq < known.seq) {
      throw new LostCommitsException(known.seq - seq);
    }
  }

  Fence next(long nowMicros) {
    return new Fence(id, bucket, node, epoch, seq + 1, nowMicros);
  }
}
