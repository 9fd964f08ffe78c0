package faregate.ledger;

import faregate.money.Nanos;

/// What became of a change of a lot's size.
public sealed interface ResizeOutcome {
  /// @param granted what the lot is worth now; above the size asked for while more is spent or held
  record Resized(Nanos granted) implements ResizeOutcome {}

  /// The reference was used before, with the same content: nothing changed.
  record ResizedBefore() implements ResizeOutcome {}

  /// The reference was used before, with another content: an error of the caller.
  record Different(String difference) implements ResizeOutcome {}

  /// More than sums take: nothing changed.
  ///
  /// @param most the size that would do
  record TooMuch(Nanos most) implements ResizeOutcome {}

  /// The wallet has no such lot.
  record NoSuchLot() implements ResizeOutcome {}

  record Unavailable(String reason) implements ResizeOutcome {}
}
