package faregate.ledger;

import faregate.id.WalletId;
import faregate.money.Nanos;

/// Brings credit into a wallet as a new lot.
///
/// @param ref unique in the wallet, such as `grant:17:2026-11`; a repeat changes nothing
/// @param amount above 0
/// @param startsMicros ledger time from which it may be held
/// @param expiresMicros ledger time from which it may not; [Long#MAX_VALUE] for never
/// @param reason for people: why it was given
public record GrantCommand(
    WalletId wallet,
    LotKind kind,
    Nanos amount,
    long startsMicros,
    long expiresMicros,
    String ref,
    String reason) {

  /// What references of purchases begin with. Such a lot was bought; when it is closed, the
  /// purchase was reversed, and what had been used of it is owed: the next purchase pays it first.
  public static final String PURCHASE = "purchase:";

  public GrantCommand {
    if (amount.value() <= 0) {
      throw new IllegalArgumentException("a grant is above 0, not " + amount);
    }
    if (expiresMicros <= startsMicros) {
      throw new IllegalArgumentException("a grant expires after it starts: " + ref);
    }
  }
}
