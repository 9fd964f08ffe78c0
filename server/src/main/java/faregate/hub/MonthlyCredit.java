package faregate.hub;

import faregate.identity.Payer;

/// Sees to it that a payer has its credit of this month before anybody reads what is left. Blocks.
@FunctionalInterface
public interface MonthlyCredit {
  /// @throws java.util.concurrent.CompletionException when the ledger cannot answer
  void giveNow(Payer payer);
}
