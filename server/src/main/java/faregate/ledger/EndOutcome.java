package faregate.ledger;

/// What became of a settle or a release.
public sealed interface EndOutcome {

  /// Ended by this command, durable.
  record Ended(Ending ending) implements EndOutcome {}

  /// It had ended before; this command changed nothing. Same for a repeat of the very command.
  record EndedBefore(Ending ending) implements EndOutcome {}

  /// There is no such hold, and none was known to end.
  record Unknown() implements EndOutcome {}

  /// This node may write nothing any more; the call is ended elsewhere.
  record Unavailable(String reason) implements EndOutcome {}
}
