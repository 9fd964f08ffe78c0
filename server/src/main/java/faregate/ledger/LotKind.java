package faregate.ledger;

/// What kind of credit a lot is, in order of use.
public enum LotKind {
  GRANT,
  MARKET,
  PURCHASED,
  POSTPAID,
  /// No credit of its own: a spending limit that charges count against.
  LIMIT
}
