package faregate.hub;

import faregate.http.Answer;
import faregate.http.Problem;
import faregate.http.Visit;
import faregate.id.CallId;
import faregate.identity.Caller;
import faregate.ledger.Ending;
import faregate.ledger.Ledger.CallRef;
import faregate.ledger.LedgerReads.Call;
import faregate.tariff.Meter;
import faregate.usage.CallLine;
import faregate.usage.Facts;
import faregate.usage.FactsCodec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Our own: the record of a call, which shows how it ended also where its answer could not.
final class Calls {
  private static final int LIMIT_DEFAULT = 50;
  private static final int LIMIT_MAX = 1000;

  private final Gate gate;
  private final HubRooms rooms;

  Calls(Gate gate, HubRooms rooms) {
    this.gate = gate;
    this.rooms = rooms;
  }

  /// @param byok whether the call was made with the payer's own key, so that the provider bills it;
  ///   absent where not
  /// @param state `open` or `ended`
  /// @param reason null while it is open; `posted`, or why it was voided
  /// @param costNanoUsd null while it is open
  /// @param model null, like what follows it, where nothing was noted yet
  /// @param inputTokens all of the prompt, and `outputTokens` all of the answer; what of them was
  ///   cached or thought is told where there was some
  private record Shown(
      String id,
      String state,
      @Nullable String reason,
      long heldNanoUsd,
      @Nullable Long costNanoUsd,
      boolean estimated,
      @Nullable String model,
      @Nullable String provider,
      @Nullable Boolean byok,
      @Nullable Long inputTokens,
      @Nullable Long outputTokens,
      @Nullable Long cachedInputTokens,
      @Nullable Long cacheWriteTokens,
      @Nullable Long reasoningTokens,
      @Nullable String session,
      @Nullable String providerRequestId,
      @Nullable String startedAt,
      @Nullable Integer durationMillis) {

    private static Shown of(Call call) {
      Ending ending = call.ended();
      Facts facts = call.facts().length == 0 ? null : FactsCodec.decode(call.facts());
      return new Shown(
          call.id().text(),
          ending == null ? "open" : "ended",
          ending == null ? null : ending.reason(),
          call.held().value(),
          ending == null ? null : ending.charge().value(),
          ending != null && ending.estimated(),
          facts == null ? null : facts.model(),
          facts == null ? null : facts.offer().provider(),
          (facts != null && facts.payment().byok()) ? true : null,
          facts == null ? null : facts.quantities().promptTokens(),
          facts == null ? null : facts.quantities().answerTokens(),
          facts == null ? null : present(facts.quantities().of(Meter.CACHED_INPUT_TOKEN)),
          facts == null ? null : present(facts.quantities().cacheWriteTokens()),
          facts == null ? null : present(facts.quantities().of(Meter.REASONING_TOKEN)),
          facts == null ? null : facts.session(),
          facts == null ? null : facts.providerRequestId(),
          facts == null ? null : Iso.of(facts.startedMicros()),
          facts == null ? null : facts.durationMillis());
    }
  }

  private static @Nullable Long present(long tokens) {
    return tokens == 0 ? null : (Long) tokens;
  }

  /// One call of the payer's wallet, open or ended. Another wallet's is as unknown as none.
  Answer one(Visit visit) {
    Caller caller = gate.payer(visit);
    String text = visit.parameter("call");
    CallId id;
    try {
      id = CallId.parse(text);
    } catch (IllegalArgumentException _) {
      throw unknown(text);
    }
    return rooms
        .ledger()
        .call(new CallRef(id, caller.wallet()))
        .map(call -> HubJson.answer(Shown.of(call)))
        .orElseThrow(() -> unknown(text));
  }

  private record Listed(List<Line> calls) {
    private record Line(
        String id,
        String madeAt,
        String model,
        String provider,
        String session,
        String reason,
        long costNanoUsd,
        boolean estimated,
        long inputTokens,
        long outputTokens,
        @Nullable Long cachedInputTokens,
        @Nullable Long cacheWriteTokens,
        @Nullable Long reasoningTokens) {

      private static Line of(CallLine call) {
        return new Line(
            call.id().text(),
            Iso.of(call.madeMicros()),
            call.model(),
            call.provider(),
            call.session(),
            call.reason(),
            call.charge().value(),
            call.estimated(),
            call.inputTokens(),
            call.outputTokens(),
            present(call.cachedInputTokens()),
            present(call.cacheWriteTokens()),
            present(call.reasoningTokens()));
      }
    }
  }

  /// The newest ended calls of the payer's wallet.
  Answer newest(Visit visit) {
    Caller caller = gate.payer(visit);
    List<CallLine> calls = rooms.usage().calls(caller.wallet(), Long.MAX_VALUE, limit(visit));
    return HubJson.answer(new Listed(calls.stream().map(Listed.Line::of).toList()));
  }

  private static int limit(Visit visit) {
    String text = visit.query("limit");
    if (text == null) {
      return LIMIT_DEFAULT;
    }
    if (!text.matches("[0-9]{1,4}") || Integer.parseInt(text) > LIMIT_MAX) {
      throw Problem.badRequest(
              "invalid_limit",
              "limit is a number from 0 to %d, not '%s'".formatted(LIMIT_MAX, text))
          .withParam("limit")
          .asException();
    }
    return Integer.parseInt(text);
  }

  private static RuntimeException unknown(String text) {
    return Problem.of(
            404,
            "unknown_call",
            "There is no call '%s' of this account; the id of a call is in its x-request-id"
                .formatted(text))
        .withField("code", "unknown_call")
        .asException();
  }
}
