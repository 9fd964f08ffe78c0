package faregate.usage;

import faregate.id.CallId;
import faregate.id.WalletId;
import faregate.kit.ReservedIds;
import faregate.money.Nanos;
import faregate.tariff.Meter;
import faregate.tariff.Quantities;

/// A call that ended, as reports show it.
///
/// @param madeMicros when it was asked for: it decides the day and month that the call counts in
/// @param provider empty, like `model` and `session`, where nothing was noted
/// @param reason `posted`, or why it was voided
/// @param spender [Spender#UNKNOWN] where nothing was noted
public record CallLine(
    CallId id,
    WalletId wallet,
    long madeMicros,
    String provider,
    String model,
    String session,
    String reason,
    boolean estimated,
    Nanos charge,
    long inputTokens,
    long cachedInputTokens,
    long outputTokens,
    long cacheWriteTokens,
    long reasoningTokens,
    long millis,
    Spender spender) {

  /// A call whose facts are missing or unreadable is shown all the same: its money is known.
  static CallLine of(EndedCall call) {
    if (call.facts().length == 0) {
      return bare(call);
    }
    Facts facts;
    try {
      facts = FactsCodec.decode(call.facts());
    } catch (IllegalArgumentException _) {
      return bare(call);
    }
    Quantities quantities = facts.quantities();
    return new CallLine(
        call.id(),
        call.wallet(),
        ReservedIds.madeMicros(call.id().value()),
        facts.offer().provider(),
        facts.model(),
        facts.session(),
        call.reason(),
        call.estimated(),
        call.charge(),
        quantities.promptTokens(),
        quantities.of(Meter.CACHED_INPUT_TOKEN),
        quantities.answerTokens(),
        quantities.cacheWriteTokens(),
        quantities.of(Meter.REASONING_TOKEN),
        facts.durationMillis(),
        Spender.of(facts));
  }

  private static CallLine bare(EndedCall call) {
    return new CallLine(
        call.id(),
        call.wallet(),
        ReservedIds.madeMicros(call.id().value()),
        "",
        "",
        "",
        call.reason(),
        call.estimated(),
        call.charge(),
        0,
        0,
        0,
        0,
        0,
        0,
        Spender.UNKNOWN);
  }

  public boolean isPosted() {
    return reason.equals(EndedCall.POSTED);
  }

  long day() {
    return Days.of(madeMicros);
  }

  Totals totals() {
    return new Totals(
        isPosted() ? 1 : 0,
        isPosted() ? 0 : 1,
        isPosted() && estimated ? 1 : 0,
        charge,
        inputTokens,
        cachedInputTokens,
        outputTokens,
        cacheWriteTokens,
        reasoningTokens,
        millis);
  }
}
