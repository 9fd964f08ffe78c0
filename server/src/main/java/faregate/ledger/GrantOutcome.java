package faregate.ledger;

import faregate.id.LotId;

/// What became of a grant.
public sealed interface GrantOutcome {
  record Granted(LotId lot) implements GrantOutcome {}

  /// The reference was used before, with the same content: nothing changed.
  record GrantedBefore(LotId lot) implements GrantOutcome {}

  /// The reference was used before, with another content: an error of the caller.
  record Different(String difference) implements GrantOutcome {}

  record Unavailable(String reason) implements GrantOutcome {}
}
