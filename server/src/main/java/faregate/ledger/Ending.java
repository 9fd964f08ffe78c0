package faregate.ledger;

import faregate.money.Nanos;

/// How a hold ended.
///
/// @param charge what was posted; 0 when it was voided
/// @param estimated whether the charge was counted by us and not told by the provider
/// @param reason a short code: `posted`, or why it was voided
public record Ending(Nanos charge, boolean estimated, String reason) {
  /// The reason of an ending that posted a charge, be it 0.
  public static final String POSTED = "posted";
}
