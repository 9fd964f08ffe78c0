package faregate.ledger;

import org.jspecify.annotations.Nullable;

/// An outcome on its way to whoever asked.
///
/// @param hold the command that asked for it, where that was a hold
record Told<T>(Reply<T> reply, T outcome, Work.@Nullable Hold hold) {

  /// Hands it over; on the executor of its reply.
  void receive() {
    reply.to().accept(outcome);
  }
}
