package faregate.gateway;

import faregate.money.Nanos;
import faregate.tariff.Quantities;

/// What the client can be told of the money when the end of a call was given to the ledger.
sealed interface Receipt {
  /// It is committed.
  ///
  /// @param cost as it stands in the ledger
  /// @param quantities what the cost is for
  /// @param estimated whether they were counted by us
  record Bill(Nanos cost, Quantities quantities, boolean estimated) implements Receipt {}

  /// Nobody knows yet, or somebody else ended the call: it must not be completed towards its
  /// client.
  record Pending() implements Receipt {}
}
