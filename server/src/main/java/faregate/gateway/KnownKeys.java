package faregate.gateway;

import faregate.id.WalletId;
import faregate.ledger.HoldOutcome;
import faregate.ledger.RepeatKey;
import java.util.Optional;

/// Tells which call has a client's key, where the ledger is not asked for a hold.
@FunctionalInterface
public interface KnownKeys {
  /// Blocks; not for event loops.
  Optional<HoldOutcome.RepeatedKey> repeated(WalletId wallet, RepeatKey key);
}
