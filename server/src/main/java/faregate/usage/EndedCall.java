package faregate.usage;

import faregate.id.CallId;
import faregate.id.WalletId;
import faregate.money.Nanos;

/// A call that ended, as the ledger keeps it.
///
/// @param charge what the caller paid, as it is now; 0 when it was voided
/// @param estimated whether the charge was counted by us and not told by the provider
/// @param reason `posted`, or why it was voided
/// @param facts as [FactsCodec] writes them; empty where nothing was noted
/// @param fence which writer wrote it
/// @param seq which of the writer's batches it came in
public record EndedCall(
    CallId id,
    WalletId wallet,
    Nanos charge,
    boolean estimated,
    String reason,
    byte[] facts,
    long fence,
    long seq) {
  public static final String POSTED = "posted";
}
