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
  private boolean countingPrompt;
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
    left = visit.response().closed();
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
    if (left) {
      return refused(Refusals.leftBehind());
    }
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
      boolean sent = !(cause instanceof Attempt.Failed known) || known.failure().ambiguous();
      expose(sent ? failed.offer() : null);
      return refused(left ? Refusals.leftBehind() : Refusals.deadline());
    }
    if (!(cause instanceof Attempt.Failed known)) {
      expose(failed.offer());
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
    expose(failure.ambiguous() ? failed.offer() : null);
    Offer next = rooms.again().after(theRoute(), failed.offer(), failure, false);
    return next == null ? refused(failure.problem()) : attempt(next);
  }

  /// Notes that an attempt may be billed although it brought nothing.
  private void expose(@Nullable Offer offer) {
    if (offer != null) {
      exposure = exposure.plus(sizing().ceiling(offer, outputLimit));
    }
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
                        bill -> {
                          tell(served, whole, bill);
                          return null;
                        }));
  }

  private void tell(Attempt served, Reception.Whole whole, Bill bill) {
    rooms.health().succeeded(served.offer().id(), UNKNOWN, 0);
    measured(200);
    if (!visit.isOver()) {
      AnswerHead.whole(
          visit.response(),
          whole.headers(),
          served.provider().slug(),
          hold.amount(),
          outputLimit,
          bill.cost());
      visit.answerJson(200, whole.answer().withCost(bill.cost(), bill.quantities()));
    }
  }

  private Future<Void> stream(Attempt served, Reception.Stream stream) {
    Delivery delivery = stream.delivery();
    if (!visit.isOver()) {
      AnswerHead.stream(
          visit.response(), stream.headers(), served.provider().slug(), hold.amount(), outputLimit);
      delivery.bind(visit.response());
    } else {
      delivery.drain();
    }
    rooms.meters().streamOpened();
    return delivery
        .ended()
        .compose(
            end -> {
              Quantities reported = isWhole(end, delivery) ? delivery.reported() : null;
              return counted(reported, delivery.hasDelivered())
                  .compose(counted -> ended(served, delivery, end, reported, counted));
            })
        .onComplete(_ -> rooms.meters().streamClosed());
  }

  /// Whether the provider said its last word on what the call consumed: of an answer that was cut
  /// short it has not, unless it closed its account before.
  private static boolean isWhole(Course.End end, Delivery delivery) {
    return switch (end) {
      case COMPLETED, ERROR_FINISH, CLIENT_LEFT_DRAINED -> true;
      case BROKE, CLIENT_LEFT, NO_ANSWER -> delivery.isAccounted();
    };
  }

  private Future<Void> ended(
      Attempt served,
      Delivery delivery,
      Course.End end,
      @Nullable Quantities reported,
      Quantities counted) {
    if (end == Course.End.BROKE) {
      broke(served);
    }
    Course.End known = left && end == Course.End.COMPLETED ? Course.End.CLIENT_LEFT_DRAINED : end;
    Course course = new Course(known, reported, counted, delivery.hasDelivered(), exposure);
    return end(served, course)
        .map(
            bill -> {
              tell(served, delivery, known, bill);
              return null;
            });
  }

  private void broke(Attempt served) {
    served.abort(Course.End.BROKE);
    LOG.info("call {}: the answer of {} ended too early", visit.id(), served.offer().id());
    if (!expired) {
      rooms.meters().failed(served.offer().id(), Failure.Kind.BROKEN.name());
      rooms.health().failed(served.offer().id());
    }
  }

  private void tell(Attempt served, Delivery delivery, Course.End end, Bill bill) {
    measured(200);
    served.letGo(visit.context().owner());
    switch (end) {
      case COMPLETED, ERROR_FINISH -> {
        rooms.health().succeeded(served.offer().id(), record.firstByteMillis(), pace(served));
        delivery.finish(bill.cost(), () -> usageChunk(bill));
      }
      case BROKE -> {
        Problem problem =
            expired ? Refusals.deadline() : Refusals.brokeOff(served.provider().slug());
        delivery.fail(
            Envelope.OPENAI.wrap(
                problem
                    .withField("request_id", visit.id().text())
                    .withField("cost_nano_usd", bill.cost().value())));
      }
      case CLIENT_LEFT, CLIENT_LEFT_DRAINED, NO_ANSWER -> {}
    }
  }

  /// Something stood in the way. The hold, if there is one, is let go; then the client is told.
  private Future<Void> refuse(Throwable cause) {
    if (!hold.isOpen()) {
      fail(cause);
      return Future.succeededFuture();
    }
    String reason = left ? "client_left" : expired ? "deadline" : "no_answer";
    Promise<Nanos> released = settling();
    hold.end(new Ending.Release(exposure, reason), record.facts(Quantities.NONE))
        .onComplete(_ -> released.tryComplete(Nanos.ZERO));
    return released
        .future()
        .transform(
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
        begun.fail(
            Envelope.OPENAI.wrap(known.problem().withField("request_id", visit.id().text())));
        return;
      }
      if (attempt != null && !visit.isOver()) {
        AnswerHead.refusal(visit.response(), attempt.provider().slug(), hold.amount());
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
  private Future<Bill> end(Attempt served, Course course) {
    Tariff tariff = Objects.requireNonNull(served.offer().tariff());
    Ending ending = Ending.of(course, tariff, hold.amount());
    Quantities quantities =
        ending instanceof Ending.Post post ? post.quantities() : Quantities.NONE;
    boolean estimated = ending instanceof Ending.Post post && post.estimated();
    Promise<Nanos> told = settling();
    hold.end(ending, record.facts(quantities))
        .onFailure(_ -> told.tryFail(Refusals.settlementPending().asException()))
        .onSuccess(
            cost -> {
              if (ending instanceof Ending.Post post) {
                charged(served.offer(), post, cost);
              }
              told.tryComplete(cost);
            });
    return told.future().map(cost -> new Bill(cost, quantities, estimated));
  }

  /// What the client is told of the money.
  ///
  /// @param quantities what the cost is for
  private record Bill(Nanos cost, Quantities quantities, boolean estimated) {}

  /// A promise that the tick breaks when the commit takes too long for the client.
  private Promise<Nanos> settling() {
    Promise<Nanos> promise = Promise.promise();
    settling = promise;
    settlingMillis = record.millis();
    return promise;
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
    attempt.passed(Ticker.PERIOD_MILLIS);
    Delivery delivery = attempt.delivery();
    boolean due = millis - markedMillis >= MARK_MILLIS;
    if (delivery != null && due && delivery.hasDelivered() && hold.isOpen()) {
      markedMillis = millis;
      mark(attempt);
    }
  }

  private void mark(Attempt served) {
    if (delivered.isPromptCounted()) {
      Quantities least = delivered.least();
      Tariff tariff = Objects.requireNonNull(served.offer().tariff());
      hold.mark(tariff.charge(least), record.facts(least));
    } else if (!countingPrompt) {
      countingPrompt = true;
      visit.context().executeBlocking(delivered::countPrompt, false).onSuccess(_ -> mark(served));
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

  private String usageChunk(Bill bill) {
    return UsageText.chunk(
        visit.id().text(),
        record.model(),
        rooms.clock().micros() / 1_000_000,
        bill.quantities(),
        bill.estimated(),
        bill.cost());
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
