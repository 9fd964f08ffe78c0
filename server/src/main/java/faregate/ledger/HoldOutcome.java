package faregate.ledger;

import faregate.id.CallId;
import faregate.id.LotId;
import faregate.money.Nanos;

/// What became of a hold, in order of precedence.
public sealed interface HoldOutcome {

  /// Set aside, durable. Only now may the call be dispatched.
  ///
  /// @param held nano-USD, never changed afterwards
  /// @param left what the wallet has beyond all open holds, after this one
  record Held(Nanos held, Nanos left) implements HoldOutcome {}

  /// The same command was carried out before.
  ///
  /// @param held what it set aside
  /// @param ended how the call ended, null while it is open
  record Repeated(Nanos held, @org.jspecify.annotations.Nullable Ending ended)
      implements HoldOutcome {}

  /// The id was used before by another command: an error of the caller.
  ///
  /// @param difference what differs, as a sentence
  record Different(String difference) implements HoldOutcome {}

  /// The client gave this key to another call before, which is open or was posted: 409. Nothing was
  /// written.
  ///
  /// @param first the call that has the key
  /// @param charge what it cost, as it is now; null while it is open
  /// @param same whether the same was asked for then; otherwise the client mixed its keys up
  record RepeatedKey(CallId first, @org.jspecify.annotations.Nullable Nanos charge, boolean same)
      implements HoldOutcome {}

  /// Not enough unspent credit: 402.
  ///
  /// @param left unspent: what open holds hold is counted as left
  /// @param needed the least that would have done
  /// @param limit the spending limit that is short; null where the wallet itself is
  record Refused(Nanos left, Nanos needed, @org.jspecify.annotations.Nullable LotId limit)
      implements HoldOutcome {
    /// Whether a spending limit, and not the wallet, is short.
    public boolean limited() {
      return limit != null;
    }
  }

  /// The credit would suffice but for open holds, and did not come free in time: 429.
  ///
  /// @param left unspent credit
  /// @param held what open holds hold of it
  record StillHeld(Nanos left, Nanos held, int retryAfterSeconds) implements HoldOutcome {}

  /// More work is queued than the writer takes: 429. Nothing was written.
  record Overloaded(int retryAfterSeconds) implements HoldOutcome {}

  /// The ledger cannot answer: 500, nothing may be dispatched.
  record Unavailable(String reason) implements HoldOutcome {}
}
