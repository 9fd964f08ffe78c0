package faregate.prove;

/// One call as its client saw it. Times are monotonic nanoseconds of the proof's process.
///
/// @param tag sent as `user`, so that the provider's book names it
/// @param wallet index of the wallet that pays
/// @param node which gateway was asked
/// @param call id that the gateway told; empty where it told none
/// @param code of the error that it was told; empty where it was told none
/// @param cost that the gateway told, in nano-USD; [#UNTOLD] where it told none
/// @param left of a 402: what the gateway said is left
/// @param needed of a 402: what it said is needed
/// @param trouble what was ordered to go wrong, as [Order#trouble]; empty for nothing
record CallNote(
    String tag,
    int wallet,
    int node,
    long sentNanos,
    long doneNanos,
    String call,
    End end,
    String code,
    long cost,
    long left,
    long needed,
    String trouble) {
  static final long UNTOLD = -1;

  /// How it ended for the client.
  enum End {
    /// Answered to its end.
    ANSWERED,
    /// 402.
    OUT_OF_CREDIT,
    /// Any other refusal, or an error in mid-stream.
    REFUSED,
    /// The connection was lost.
    BROKEN,
    /// The client itself went away.
    LEFT
  }

  /// How it ended, for people.
  String words() {
    return switch (end) {
      case ANSWERED -> "answered";
      case OUT_OF_CREDIT, REFUSED -> "refused: " + (code.isEmpty() ? "no code" : code);
      case BROKEN -> "connection lost";
      case LEFT -> "left by the client";
    };
  }

  boolean isTroubled() {
    return !trouble.isEmpty();
  }

  boolean isTold() {
    return cost != UNTOLD;
  }
}
