package faregate.sandbox;

/// Counts one call while it is played, and closes its entry in the book once.
final class Account {
  private final BillEntry entry;
  private final int promptTokens;
  private final int reasoningTokens;
  private final int wholeTokens;
  private final boolean billOnCancel;
  private int spoken;

  /// @param wholeTokens what the answer would have, read to its end
  Account(
      BillEntry entry,
      int promptTokens,
      int reasoningTokens,
      int wholeTokens,
      boolean billOnCancel) {
    this.entry = entry;
    this.promptTokens = promptTokens;
    this.reasoningTokens = reasoningTokens;
    this.wholeTokens = wholeTokens;
    this.billOnCancel = billOnCancel;
  }

  /// One more token of the answer was generated.
  void spoke() {
    spoken++;
    entry.generated(tokens());
  }

  /// All of it was generated at once.
  void spokeAll() {
    spoken = wholeTokens - reasoningTokens;
    entry.generated(tokens());
  }

  int tokens() {
    return spoken + reasoningTokens;
  }

  void completed() {
    entry.end(BillEntry.State.COMPLETED, promptTokens, tokens());
  }

  /// We broke it off: what was generated is charged.
  void broke() {
    entry.end(BillEntry.State.FAILED, promptTokens, tokens());
  }

  /// We refused it.
  void refused() {
    entry.end(BillEntry.State.FAILED, 0, 0);
  }

  /// We closed without an answer.
  ///
  /// @param billed whether we charge the whole of it all the same
  void unseen(boolean billed) {
    if (billed) {
      entry.generated(wholeTokens);
      entry.end(BillEntry.State.FAILED, promptTokens, wholeTokens);
    } else {
      refused();
    }
  }

  /// The client left before the end.
  void left() {
    entry.end(BillEntry.State.CANCELLED, promptTokens, billOnCancel ? wholeTokens : tokens());
  }
}
