package faregate.ledger;

import faregate.id.LotId;
import faregate.money.Nanos;

/// What became of a grant.
public sealed interface GrantOutcome {
  record Granted(LotId lot) implements GrantOutcome {}

  /// The reference was used before, with the same content: nothing changed.
  record GrantedBefore(LotId lot) implements GrantOutcome {}

  /// The reference was used before, with another content: an error of the caller.
  record Different(String difference) implements GrantOutcome {}

  /// With it the wallet's lots would bring more than a wallet may be brought: nothing changed.
  ///
  /// @param most what may still be granted
  record TooMuch(Nanos most) implements GrantOutcome {}

  record Unavailable(String reason) implements GrantOutcome {}
}
