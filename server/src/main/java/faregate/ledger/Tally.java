package faregate.ledger;

/// How much the writer has done since the start of the process, and how it stands. The write thread
/// tells, any thread asks.
final class Tally {
  private long batches;
  private long commands;
  private volatile LedgerState state = new LedgerState(0, 0, 0, 0, 0, 0, "the ledger is opening");

  /// A batch was carried out.
  ///
  /// @param answered commands with an outcome
  void count(boolean wrote, int answered) {
    batches += wrote ? 1 : 0;
    commands += answered;
  }

  LedgerState state() {
    return state;
  }

  /// The writer works.
  void show(Queue queue, Desk desk, Backlog backlog, String trouble) {
    state =
        new LedgerState(
            queue.size(),
            desk.waiting(),
            desk.holdsOpen(),
            backlog.size(),
            batches,
            commands,
            trouble);
  }

  /// The writer does nothing, and remembers nothing.
  void showStopped(Queue queue, String reason) {
    state = new LedgerState(queue.size(), 0, 0, 0, batches, commands, reason);
  }
}
