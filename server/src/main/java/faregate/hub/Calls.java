package faregate.hub;

import faregate.http.Answer;
import faregate.http.Problem;
import faregate.http.Visit;
import faregate.id.CallId;
import faregate.id.WalletId;
import faregate.identity.Caller;
import faregate.identity.Membership;
import faregate.identity.Role;
import faregate.ledger.Ending;
import faregate.ledger.Ledger.CallRef;
import faregate.ledger.LedgerReads.Call;
import faregate.tariff.Meter;
import faregate.usage.CallLine;
import faregate.usage.Facts;
import faregate.usage.FactsCodec;
import java.util.List;
import java.util.Optional;
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
  /// @param member whose call it was, where an organization paid; absent where not, or while the
  ///   call is open and nothing was noted. `resourceGroup`, a name, likewise
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
      @Nullable String member,
      @Nullable String resourceGroup,
      @Nullable Long inputTokens,
      @Nullable Long outputTokens,
      @Nullable Long cachedInputTokens,
      @Nullable Long cacheWriteTokens,
      @Nullable Long reasoningTokens,
      @Nullable String session,
      @Nullable String providerRequestId,
      @Nullable String startedAt,
      @Nullable Integer durationMillis) {

    private static Shown of(Call call, Names names) {
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
          facts == null ? null : names.member(facts.payment().account()),
          facts == null ? null : names.group(facts.payment().group()),
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

  /// One call, open or ended: of the user's wallet, or of an organization's that the user is in.
  /// What one may not see is as unknown as what is not there.
  Answer one(Visit visit) {
    Caller caller = gate.payer(visit);
    CallRef own = new CallRef(id(visit), caller.wallet());
    return rooms
        .ledger()
        .call(own)
        .or(
            () ->
                caller.memberships().stream()
                    .flatMap(membership -> seen(caller, membership, own.id()).stream())
                    .findFirst())
        .map(call -> HubJson.answer(Shown.of(call, names())))
        .orElseThrow(() -> unknown(own.id().text()));
  }

  /// One call that an organization pays: its admins see each, its members their own.
  Answer oneOf(Visit visit) {
    Gate.InOrganization in = gate.member(visit, visit.parameter("org"));
    CallId id = id(visit);
    return seen(in.caller(), in.membership(), id)
        .map(call -> HubJson.answer(Shown.of(call, names())))
        .orElseThrow(() -> unknown(id.text()));
  }

  private Optional<Call> seen(Caller caller, Membership membership, CallId id) {
    return rooms
        .ledger()
        .call(new CallRef(id, membership.organization().wallet()))
        .filter(_ -> caller.may(Caller.BILLING, membership))
        .filter(call -> membership.role() == Role.ADMIN || isBy(caller, call));
  }

  /// While nothing is noted of a call, its reference tells the token that made it.
  private static boolean isBy(Caller caller, Call call) {
    return call.facts().length == 0
        ? call.ref().startsWith(caller.token() + " ")
        : FactsCodec.decode(call.facts()).payment().account() == caller.user().value();
  }

  private static CallId id(Visit visit) {
    String text = visit.parameter("call");
    try {
      return CallId.parse(text);
    } catch (IllegalArgumentException _) {
      throw unknown(text);
    }
  }

  private record Listed(List<Line> calls) {
    private record Line(
        String id,
        String madeAt,
        String model,
        String provider,
        String session,
        @Nullable String member,
        @Nullable String resourceGroup,
        String reason,
        long costNanoUsd,
        boolean estimated,
        long inputTokens,
        long outputTokens,
        @Nullable Long cachedInputTokens,
        @Nullable Long cacheWriteTokens,
        @Nullable Long reasoningTokens) {

      private static Line of(CallLine call, Names names) {
        return new Line(
            call.id().text(),
            Iso.of(call.madeMicros()),
            call.model(),
            call.provider(),
            call.session(),
            names.member(call.spender().account()),
            names.group(call.spender().group()),
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

  /// The newest ended calls of the user's wallet.
  Answer newest(Visit visit) {
    Caller caller = gate.payer(visit);
    return listed(rooms.usage().calls(caller.wallet(), Long.MAX_VALUE, limit(visit)));
  }

  /// The newest ended calls that an organization paid: all for its admins, their own for members.
  Answer newestOf(Visit visit) {
    Gate.InOrganization in = gate.member(visit, visit.parameter("org"));
    WalletId wallet = in.membership().organization().wallet();
    return listed(
        in.membership().role() == Role.ADMIN
            ? rooms.usage().calls(wallet, Long.MAX_VALUE, limit(visit))
            : rooms.usage().calls(wallet, in.caller().user(), Long.MAX_VALUE, limit(visit)));
  }

  private Answer listed(List<CallLine> calls) {
    Names names = names();
    return HubJson.answer(
        new Listed(calls.stream().map(call -> Listed.Line.of(call, names)).toList()));
  }

  private Names names() {
    return new Names(rooms.identities().organizations());
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
            "There is no call '%s' that you may see; the id of a call is in its x-request-id"
                .formatted(text))
        .withField("code", "unknown_call")
        .asException();
  }
}
