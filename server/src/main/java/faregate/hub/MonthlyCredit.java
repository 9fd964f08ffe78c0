package faregate.hub;

import faregate.id.WalletId;
import faregate.identity.Tier;

/// Sees to it that a wallet has its credit of this month before anybody reads what is left. Blocks.
@FunctionalInterface
public interface MonthlyCredit {
  /// @throws java.util.concurrent.CompletionException when the ledger cannot answer
  void giveNow(WalletId wallet, Tier tier);
}
