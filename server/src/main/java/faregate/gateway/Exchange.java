package faregate.gateway;

import faregate.catalog.Offer;
import faregate.catalog.Provider;
import faregate.catalog.Snapshot;
import faregate.dialect.ChatAnswer;
import faregate.dialect.ChatRequest;
import faregate.dialect.UsageText;
import faregate.http.Envelope;
import faregate.http.Problem;
import faregate.http.ProblemException;
import faregate.http.Visit;
import faregate.identity.Caller;
import faregate.ledger.HoldCommand;
import faregate.ledger.HoldOutcome;
import faregate.ledger.Ledger;
import faregate.money.Nanos;
import faregate.provider.Failure;
import faregate.routing.Ability;
import faregate.routing.Ask;
import faregate.routing.Refusal;
import faregate.routing.Routed;
import faregate.tariff.Meter;
import faregate.tariff.Quantities;
import faregate.tariff.Tariff;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One call on its way: routed, held, attempted, delivered, ended, told.
///
/// It lives on one event loop and holds the state of one request. Whatever happens once the hold is
/// made, exactly one end is written for it, and the last byte of an answer leaves after the commit.
final class Exchange {
  private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);
  private static final long GRACE_MICROS = 60_000_000;
  private static final long MARK_MILLIS = 2_000;

  /// Of an answer that came whole, nobody knows when its first token was there.
  private static final long UNKNOWN = -1;

  private final Rooms rooms;
  private final Ticker ticker;
  private final Visit visit;
  private final Caller caller;
  private final ChatRequest request;
  private final CallSettings settings;
  private final Snapshot snapshot;
  private final Hold hold;
  private final Delivered delivered;
  private final CallRecord record;
  private final Runnable tick = this::tick;

  private Routed.@Nullable Route route;
  private @Nullable Sizing sizing;
  private @Nullable Attempt attempt;
  private Nanos exposure = Nanos.ZERO;
  private long outputLimit;
  private long markedMillis;
  private @Nullable Promise<Nanos> settling;
  private long settlingMillis;
  private boolean left;
  private boolean expired;

  Exchange(Rooms rooms, Ticker ticker, Visit visit, Caller caller, ChatRequest request) {
    this.rooms = rooms;
    this.ticker = ticker;
    this.visit = visit;
    this.caller = caller;
    this.request = request;
    this.settings = rooms.settings().get();
    this.snapshot = rooms.catalog().current();
    this.delivered = new Delivered(request);
    this.hold = new Hold(rooms.ledger(), new Ledger.CallRef(visit.id(), caller.wallet()), onLoop());
    this.record =
        new CallRecord(
            visit, caller, request.isStream(), rooms.clock(), rooms.ledger().nowMicros());
  }

  void run() {
    visit.response().closeHandler(_ -> left());
    ticker.add(tick);
    Future.succeededFuture()
        .compose(_ -> route())
        .compose(_ -> allow())
        .compose(_ -> hold())
        .compose(_ -> attempt(theRoute().attempts().getFirst()))
        .compose(this::deliver)
        .recover(this::refuse)
        .onComplete(_ -> ticker.remove(tick));
  }

  // ---- the story ----

  private Future<Void> route() {
    record.asked(request.model());
    return switch (rooms.router().route(ask(), snapshot)) {
      case Refusal refusal -> refused(Refusals.of(refusal));
      case Routed.Route found -> size(found);
    };
  }

  private Future<Void> size(Routed.Route found) {
    List<Offer> bounded =
        found.attempts().stream().filter(offer -> Sizing.isBounded(request, offer)).toList();
    if (bounded.isEmpty()) {
      return refused(Refusals.unbounded(found.model()));
    }
    record.asked(found.model());
    route = new Routed.Route(found.model(), bounded, found.pinned(), found.session());
    sizing = new Sizing(request, bounded, caller.clampOutput());
    return Future.succeededFuture();
  }

  private Future<Void> allow() {
    Allowance allowance = rooms.allowance();
    return allowance.isGiven(caller)
        ? Future.succeededFuture()
        : allowance.give(caller, onLoop()).recover(_ -> refused(Refusals.ledgerUnavailable()));
  }

  private Future<Void> hold() {
    long now = rooms.ledger().nowMicros();
    HoldCommand command =
        new HoldCommand(
            visit.id(),
            caller.wallet(),
            List.of(),
            sizing().least(),
            sizing().wish(),
            sizing().most(),
            now + Duration.ofSeconds(settings.secondsMax()).toNanos() / 1_000 + GRACE_MICROS,
            settings.lineSecondsMax() * 1_000,
            record.ref());
    return hold.make(command)
        .compose(
            outcome ->
                outcome instanceof HoldOutcome.Held
                    ? Future.succeededFuture()
                    : refused(Refusals.of(outcome, caller, now)));
  }

  private Future<Reception> attempt(Offer offer) {
    if (left) {
      return refused(Refusals.leftBehind());
    }
    Provider provider =
        Objects.requireNonNull(snapshot.provider(offer.provider()), offer::provider);
    outputLimit = sizing().outputLimit(offer, hold.amount());
    record.attempted(offer);
    Attempt made = new Attempt(rooms, settings, offer, provider, request, delivered, outputLimit);
    attempt = made;
    return made.reception().recover(cause -> again(made, cause));
  }

  /// The attempt failed: the next one, or the end of it.
  private Future<Reception> again(Attempt failed, Throwable cause) {
    if (left || expired) {
      return refused(left ? Refusals.leftBehind() : Refusals.deadline());
    }
    if (!(cause instanceof Attempt.Failed known)) {
      return Future.failedFuture(cause);
    }
    Failure failure = known.failure();
    rooms.meters().failed(failed.offer().id(), failure.kind().name());
    LOG.info(
        "call {}: attempt at {} failed, {}: {}",
        visit.id(),
        failed.offer().id(),
        failure.kind(),
        failure.detail());
    if (failure.ambiguous()) {
      exposure = exposure.plus(sizing().ceiling(failed.offer(), outputLimit));
    }
    Offer next = rooms.again().after(theRoute(), failed.offer(), failure, false);
    return next == null ? refused(failure.problem()) : attempt(next);
  }

  private Future<Void> deliver(Reception reception) {
    Attempt served = Objects.requireNonNull(attempt);
    record.served(served.requestId(reception), served.millis());
    rooms.meters().served(served.offer().id(), served.millis());
    rooms.router().served(theRoute(), served.offer());
    return switch (reception) {
      case Reception.Whole whole -> whole(served, whole);
      case Reception.Stream stream -> stream(served, stream);
    };
  }

  private Future<Void> whole(Attempt served, Reception.Whole whole) {
    ChatAnswer answer = whole.answer();
    Quantities reported = answer.reported();
    if (reported == null) {
      delivered.text().append(answer.text());
    }
    Course.End end = left ? Course.End.CLIENT_LEFT_DRAINED : Course.End.COMPLETED;
    return counted(reported, answer.hasOutput())
        .compose(
            counted ->
                end(served, new Course(end, reported, counted, answer.hasOutput(), exposure))
                    .map(
                        cost -> {
                          tell(served, whole, counted, cost);
                          return null;
                        }));
  }

  private void tell(Attempt served, Reception.Whole whole, Quantities counted, Nanos cost) {
    rooms.health().succeeded(served.offer().id(), UNKNOWN, 0);
    measured(200);
    if (!visit.isOver()) {
      AnswerHead.whole(
          visit.response(),
          whole.headers(),
          served.provider().slug(),
          hold.amount(),
          outputLimit,
          cost);
      visit.answerJson(200, whole.answer().withCost(cost, counted));
    }
  }

  private Future<Void> stream(Attempt served, Reception.Stream stream) {
    Delivery delivery = stream.delivery();
    if (!visit.isOver()) {
      AnswerHead.stream(
          visit.response(), stream.headers(), served.provider().slug(), hold.amount(), outputLimit);
      delivery.bind(visit.response());
    }
    rooms.meters().streamOpened();
    return delivery
        .ended()
        .compose(
            end ->
                counted(delivery.reported(), delivery.hasDelivered())
                    .compose(counted -> ended(served, delivery, end, counted)))
        .onComplete(_ -> rooms.meters().streamClosed());
  }

  private Future<Void> ended(
      Attempt served, Delivery delivery, Course.End end, Quantities counted) {
    if (end == Course.End.BROKE) {
      served.abort(end);
    }
    Course.End known = left && end == Course.End.COMPLETED ? Course.End.CLIENT_LEFT_DRAINED : end;
    Course course =
        new Course(known, delivery.reported(), counted, delivery.hasDelivered(), exposure);
    return end(served, course)
        .map(
            cost -> {
              tell(served, delivery, known, counted, cost);
              return null;
            });
  }

  private void tell(
      Attempt served, Delivery delivery, Course.End end, Quantities counted, Nanos cost) {
    measured(200);
    switch (end) {
      case COMPLETED, ERROR_FINISH -> {
        rooms.health().succeeded(served.offer().id(), record.firstByteMillis(), pace(served));
        delivery.finish(cost, () -> usageChunk(counted, cost));
      }
      case BROKE -> {
        rooms.health().failed(served.offer().id());
        Problem problem =
            expired ? Refusals.deadline() : Refusals.brokeOff(served.provider().slug());
        delivery.fail(
            Envelope.OPENAI.wrap(
                problem
                    .withField("request_id", visit.id().text())
                    .withField("cost_nano_usd", cost.value())));
      }
      case CLIENT_LEFT, CLIENT_LEFT_DRAINED, NO_ANSWER -> {}
    }
  }

  /// Something stood in the way. The hold, if there is one, is let go; then the client is told.
  private Future<Void> refuse(Throwable cause) {
    Future<Nanos> released = Future.succeededFuture(Nanos.ZERO);
    if (hold.isOpen()) {
      boolean sent = attempt != null && (left || expired);
      Nanos risk = sent ? exposure.plus(hold.amount()) : exposure;
      String reason = left ? "client_left" : expired ? "deadline" : "no_answer";
      released = hold.end(new Ending.Release(risk, reason), record.facts(Quantities.NONE));
    }
    return released.transform(
        _ -> {
          fail(cause);
          return Future.succeededFuture();
        });
  }

  private void fail(Throwable cause) {
    Delivery begun = attempt == null ? null : attempt.delivery();
    if (cause instanceof ProblemException known) {
      measured(known.problem().status());
      if (begun != null && visit.response().headWritten()) {
        begun.fail(Envelope.OPENAI.wrap(known.problem()));
        return;
      }
    } else {
      measured(500);
    }
    visit.fail(cause);
  }

  // ---- what it leans on ----

  /// Writes the one end of the hold. Waits for the commit as long as a client can be kept waiting;
  /// the ledger goes on trying after that.
  ///
  /// @return what the ledger says the call cost
  private Future<Nanos> end(Attempt served, Course course) {
    Tariff tariff = Objects.requireNonNull(served.offer().tariff());
    Ending ending = Ending.of(course, tariff, hold.amount());
    Quantities quantities =
        ending instanceof Ending.Post post ? post.quantities() : Quantities.NONE;
    Promise<Nanos> told = Promise.promise();
    settling = told;
    settlingMillis = record.millis();
    hold.end(ending, record.facts(quantities))
        .onFailure(_ -> told.tryFail(Refusals.settlementPending().asException()))
        .onSuccess(
            cost -> {
              if (ending instanceof Ending.Post post) {
                charged(served.offer(), post, cost);
              }
              told.tryComplete(cost);
            });
    return told.future();
  }

  private void charged(Offer offer, Ending.Post post, Nanos cost) {
    rooms.meters().charged(record.model(), offer.id(), post.quantities(), cost, post.estimated());
  }

  /// Counts what was delivered, off the event loop, where the provider did not tell.
  private Future<Quantities> counted(@Nullable Quantities reported, boolean output) {
    return reported != null || !output
        ? Future.succeededFuture(Quantities.NONE)
        : visit
            .context()
            .executeBlocking(delivered::count, false)
            .map(Objects::requireNonNull)
            .otherwise(_ -> Quantities.tokens(0, delivered.outputTokensLeast()));
  }

  /// Twice a second: bounds, keep-alives, marks.
  private void tick() {
    if (attempt == null) {
      return;
    }
    long millis = record.millis();
    if (millis > settings.secondsMax() * 1_000L && !expired && hold.isOpen()) {
      expired = true;
      attempt.abort(Course.End.BROKE);
      return;
    }
    if (settling != null && millis - settlingMillis > settings.settleMillis()) {
      settling.tryFail(Refusals.settlementPending().asException());
    }
    Delivery delivery = attempt.delivery();
    if (delivery != null) {
      delivery.passed(Ticker.PERIOD_MILLIS, settings);
      if (millis - markedMillis >= MARK_MILLIS && delivery.hasDelivered() && hold.isOpen()) {
        markedMillis = millis;
        mark(attempt);
      }
    }
  }

  private void mark(Attempt served) {
    if (delivered.isPromptCounted()) {
      Quantities least = Quantities.tokens(delivered.promptTokens(), delivered.outputTokensLeast());
      Tariff tariff = Objects.requireNonNull(served.offer().tariff());
      hold.mark(tariff.charge(least), record.facts(least));
    } else {
      visit.context().executeBlocking(delivered::promptTokens, false).onSuccess(_ -> mark(served));
    }
  }

  /// The client left. A provider that stops billing is stopped; one that bills anyway is heard out.
  private void left() {
    if (left || visit.response().ended()) {
      return;
    }
    left = true;
    if (attempt == null) {
      hold.abandon();
      return;
    }
    if (!attempt.provider().billsOnCancel()) {
      attempt.abort(Course.End.CLIENT_LEFT);
    } else if (attempt.delivery() != null) {
      attempt.delivery().drain();
    }
  }

  private Ask ask() {
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
    return Ask.chat(request.model(), needs, conversation.isEmpty() ? null : conversation);
  }

  private String usageChunk(Quantities counted, Nanos cost) {
    return UsageText.chunk(
        visit.id().text(), record.model(), rooms.clock().micros() / 1_000_000, counted, cost);
  }

  /// Tokens per second of the stream; 0 when it was too short to tell.
  private double pace(Attempt served) {
    long streaming = served.millis() - record.firstByteMillis();
    Delivery delivery = served.delivery();
    Quantities told = delivery == null ? null : delivery.reported();
    long tokens = told == null ? delivered.outputTokensLeast() : told.of(Meter.OUTPUT_TOKEN);
    return streaming <= 0 ? 0 : tokens * 1_000.0 / streaming;
  }

  private void measured(int status) {
    rooms.meters().answered("chat", left ? 499 : status, record.millis() * 1_000);
  }

  private Executor onLoop() {
    return task -> visit.context().runOnContext(_ -> task.run());
  }

  private Routed.Route theRoute() {
    return Objects.requireNonNull(route);
  }

  private Sizing sizing() {
    return Objects.requireNonNull(sizing);
  }

  private static <T> Future<T> refused(Problem problem) {
    return Future.failedFuture(problem.asException());
  }
}
