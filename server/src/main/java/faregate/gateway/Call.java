package faregate.gateway;

import faregate.catalog.Snapshot;
import faregate.dialect.ChatRequest;
import faregate.http.Visit;
import faregate.identity.Caller;
import faregate.ledger.Ledger;
import faregate.ledger.RepeatKey;
import faregate.routing.Ability;
import faregate.routing.Ask;
import faregate.secret.OwnKeys;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/// What is fixed of one call from its beginning: who asks for what, by which settings and prices.
///
/// @param settings as they were when the call came in: a reload touches no call in flight
/// @param snapshot the catalogue, likewise
/// @param ownKeys the payer's own keys for providers, likewise
/// @param delivered what the client was sent so far
/// @param record what is noted of it beside its money
/// @param loop its event loop, the same for all calls of that loop: so what they wait for together
///   can be handed over together
/// @param repeat its `Idempotency-Key`; null where the client sent none
record Call(
    Rooms rooms,
    Visit visit,
    Caller caller,
    ChatRequest request,
    CallSettings settings,
    Snapshot snapshot,
    OwnKeys ownKeys,
    Delivered delivered,
    CallRecord record,
    Executor loop,
    @Nullable RepeatKey repeat) {

  static Call of(
      Rooms rooms,
      Visit visit,
      Caller caller,
      ChatRequest request,
      Executor loop,
      @Nullable RepeatKey repeat) {
    return new Call(
        rooms,
        visit,
        caller,
        request,
        rooms.settings().get(),
        rooms.catalog().current(),
        rooms.providerKeys().of(caller.payer().account()),
        new Delivered(request),
        new CallRecord(
            visit, caller, request.isStream(), rooms.clock(), rooms.ledger().nowMicros()),
        loop,
        repeat);
  }

  /// What is asked of routing.
  Ask ask() {
    Set<Ability> needs = EnumSet.noneOf(Ability.class);
    if (request.hasTools()) {
      needs.add(Ability.TOOLS);
    }
    if (request.wantsSchema()) {
      needs.add(Ability.STRUCTURED_OUTPUT);
    }
    if (request.images() > 0) {
      needs.add(Ability.IMAGES);
    }
    String conversation = record.conversation();
    return Ask.chat(request.model(), needs, conversation.isEmpty() ? null : conversation)
        .withOwnKeys(ownKeys.open().keySet());
  }

  /// How the ledger knows it.
  Ledger.CallRef ref() {
    return new Ledger.CallRef(visit.id(), caller.wallet());
  }
}
