package faregate.ledger;

/// How the lots are read that a batch is decided on.
enum Mode {
  /// As they are remembered.
  CACHED,
  /// All of the batch's wallets afresh.
  FRESH,
  /// Afresh and locked, in the batch's own transaction. Wallets that somebody else has locked are
  /// set aside.
  LOCKED
}
