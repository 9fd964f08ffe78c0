package faregate.ledger;

import faregate.money.Nanos;

/// What became of a late bill.
public sealed interface AdjustOutcome {
  /// @param charge what the caller has now paid
  /// @param loss what the provider asks above it: the operator's
  record Adjusted(Nanos charge, Nanos loss) implements AdjustOutcome {}

  /// A later or equal revision was seen before: nothing changed.
  record Stale(long lastRevision) implements AdjustOutcome {}

  /// The call is unknown or has not ended.
  record NotEnded() implements AdjustOutcome {}

  record Unavailable(String reason) implements AdjustOutcome {}
}
