package faregate.usage;

import faregate.id.OfferId;
import faregate.id.TokenId;
import faregate.id.UserId;
import faregate.tariff.Quantities;

/// What is kept of a call beside its money. No prompt, no completion, no secret.
///
/// @param model as asked for, without its suffix
/// @param tariffVersion the prices that the charge was made with
/// @param quantities what was consumed
/// @param session `X-HF-Session-id`, empty where there is none
/// @param providerRequestId the provider's own id of the call, empty where it told none
/// @param startedMicros ledger time
/// @param firstByteMillis from dispatch to the first byte of the answer; -1 where there was none
/// @param durationMillis from the request to its end
public record Facts(
    TokenId token,
    UserId user,
    String model,
    OfferId offer,
    String tariffVersion,
    Quantities quantities,
    boolean stream,
    String session,
    String providerRequestId,
    long startedMicros,
    int firstByteMillis,
    int durationMillis) {}
