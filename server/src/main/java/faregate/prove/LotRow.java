package faregate.prove;

/// A lot as the ledger's rows have it. Amounts are nano-USD.
record LotRow(long id, long wallet, long granted, long pending, long posted) {}
