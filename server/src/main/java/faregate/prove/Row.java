package faregate.prove;

/// An ended call as the ledger's rows have it. Amounts are nano-USD.
///
/// @param call in the form that clients are told
/// @param owned loss and exposure that were recorded with it: the operator's
record Row(String call, long wallet, long held, long charge, String reason, long owned) {}
