package faregate.identity;

import faregate.id.UserId;
import faregate.id.WalletId;

/// Somebody who owns tokens and a wallet.
///
/// @param name unique without regard to case
/// @param createdMicros wall time
public record User(UserId id, String name, Tier tier, WalletId wallet, long createdMicros) {}
