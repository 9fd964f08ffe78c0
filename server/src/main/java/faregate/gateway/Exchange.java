package faregate.gateway;

import faregate.catalog.Offer;
import faregate.catalog.Provider;
import faregate.http.Problem;
import faregate.http.ProblemException;
import faregate.http.Visit;
import faregate.identity.Payer;
import faregate.ledger.HoldOutcome;
import faregate.provider.Failure;
import faregate.routing.Refusal;
import faregate.routing.Routed;
import faregate.store.Presence;
import faregate.tariff.Quantities;
import io.vertx.core.AsyncResult;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One call on its way: routed, held, attempted, delivered, ended, told.
///
/// It lives on one event loop and holds the state of one request. Each step calls the next, or
/// hands it to whoever will have an answer; everything that comes back from elsewhere comes in by
/// [#step], so that a fault of our own cannot leave a call without an end. Whatever happens once
/// the hold is made, exactly one end is written for it ([Till]), and the last byte of an answer
/// leaves after the commit ([Telling]).
final class Exchange {
  private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);

  private final Call call;
  private final Rooms rooms;
  private final Visit visit;
  private final CallRecord record;
  private final Till till;
  private final Telling telling;
  private final Admission admission;
  private final Ticker ticker;
  private final long term;
  private final Runnable ticking;

  private Routed.@Nullable Route route;
  private @Nullable Attempt attempt;
  private boolean streaming;

  /// Whether the payer's monthly credit is being seen to.
  private boolean allowing;

  private @Nullable Problem cut;
  private boolean stumbled;
  private boolean over;

  Exchange(Call call, Ticker ticker) {
    this.call = call;
    this.rooms = call.rooms();
    this.visit = call.visit();
    this.record = call.record();
    this.till = new Till(call);
    this.telling = new Telling(call, till);
    this.admission = new Admission(call);
    this.ticker = ticker;
    this.term = rooms.presence().term();
    this.ticking = () -> guard(this::tick);
  }

  void run() {
    visit.onLeave(() -> guard(this::leave));
    ticker.add(ticking);
    step(this::admit);
  }

  // ---- the story ----

  private void admit() {
    if (!admission.isTokenBounded()) {
      route();
      return;
    }
    admission.token(() -> step(this::route), stepping(this::refuse));
  }

  private void route() {
    if (telling.hasLeft()) {
      refuse(Refusals.leftBehind());
      return;
    }
    if (isSilenced()) {
      refuse(Refusals.ledgerUnavailable());
      return;
    }
    record.asked(call.request().model());
    if (!call.ownKeys().unreadable().isEmpty()) {
      refuse(Refusals.ownKeysUnreadable(call.ownKeys().unreadable()));
      return;
    }
    switch (rooms.router().route(call.ask(), call.snapshot())) {
      case Refusal refusal -> refuse(Refusals.of(refusal));
      case Routed.Route found -> size(found);
    }
  }

  private void size(Routed.Route found) {
    List<Offer> bounded =
        found.attempts().stream()
            .filter(offer -> offer.isOnOwnKey() || Sizing.isBounded(call.request(), offer))
            .toList();
    if (bounded.isEmpty()) {
      refuse(
          call.request().wantsPaidTier()
              ? Refusals.tierUnpriced()
              : Refusals.unbounded(found.model()));
      return;
    }
    record.asked(found.model());
    choose(
        bounded,
        first -> {
          List<Offer> attempts = bounded.subList(bounded.indexOf(first), bounded.size());
          route = new Routed.Route(found.model(), attempts, found.pinned(), found.session());
          allow();
        },
        this::refuse);
  }

  /// Goes on with the first offer whose provider may be asked once more.
  private void choose(List<Offer> offers, Consumer<Offer> chosen, Consumer<Problem> none) {
    if (admission.isBounded(offers.getFirst())) {
      admission.first(offers, stepping(chosen), stepping(none));
    } else {
      chosen.accept(offers.getFirst());
    }
  }

  private void allow() {
    Payer payer = call.caller().payer();
    Allowance.Ready ready = rooms.allowance().ready(payer);
    if (ready != null) {
      hold(ready);
      return;
    }
    allowing = true;
    rooms.allowance().give(payer, call.loop()).onComplete(given -> step(() -> allowed(given)));
  }

  private void allowed(AsyncResult<Allowance.Ready> given) {
    if (!allowing) {
      return;
    }
    allowing = false;
    if (given.succeeded()) {
      hold(given.result());
    } else {
      LOG.info(
          "call {}: its payer's credit cannot be seen to: {}",
          visit.id(),
          String.valueOf(given.cause()));
      refuse(Refusals.ledgerUnavailable());
    }
  }

  private void hold(Allowance.Ready ready) {
    long now = rooms.ledger().nowMicros();
    List<Offer> attempts = theRoute().attempts();
    Sizing sizing = new Sizing(call.request(), attempts, call.caller().clampOutput());
    till.hold(
        sizing,
        attempts.getFirst(),
        attempts.getFirst().isOnOwnKey() ? List.of() : ready.limits().keySet(),
        stepping(
            outcome -> {
              if (outcome instanceof HoldOutcome.Held) {
                attempt(attempts.getFirst());
              } else if (outcome instanceof HoldOutcome.Refused && isOver(ready)) {
                // The month turned on the way to the ledger: there is credit, but not yet given.
                allow();
              } else {
                if (outcome instanceof HoldOutcome.Unavailable(String reason)) {
                  LOG.info("call {} cannot be held: {}", visit.id(), reason);
                }
                refuse(Refusals.of(outcome, call.caller(), ready, now));
              }
            }));
  }

  private boolean isOver(Allowance.Ready ready) {
    return rooms.ledger().nowMicros() >= ready.untilMicros();
  }

  private void attempt(Offer offer) {
    if (cut != null) {
      refuse(cut);
      return;
    }
    if (telling.hasLeft()) {
      refuse(Refusals.leftBehind());
      return;
    }
    if (isSilenced()) {
      refuse(Refusals.ledgerUnavailable());
      return;
    }
    Provider provider =
        Objects.requireNonNull(call.snapshot().provider(offer.provider()), offer::provider);
    record.attempted(offer);
    Attempt made = new Attempt(call, offer, keyed(offer, provider), till.limit(offer));
    attempt = made;
    made.begin(
        stepping(reception -> deliver(made, reception)), stepping(cause -> again(made, cause)));
  }

  private Provider keyed(Offer offer, Provider provider) {
    return offer.isOnOwnKey()
        ? provider.withKey(Objects.requireNonNull(call.ownKeys().of(provider.slug())))
        : provider;
  }

  /// The attempt failed: the next one, or the end of it.
  private void again(Attempt failed, Throwable cause) {
    Failure failure = cause instanceof Attempt.Failed known ? known.failure() : null;
    boolean ended = telling.hasLeft() || cut != null;
    if (failure == null && !ended) {
      stumble(cause);
      return;
    }
    if (failure == null || failure.ambiguous()) {
      till.expose(failed.offer());
    }
    if (failure == null || ended) {
      refuse(cut == null ? Refusals.leftBehind() : cut);
      return;
    }
    noteFailed(failed, failure);
    Offer next = rooms.again().after(theRoute(), failed.offer(), failure, false);
    if (next == null) {
      refuse(Refusals.of(failed.offer(), failure));
    } else {
      List<Offer> attempts = theRoute().attempts();
      choose(
          attempts.subList(attempts.indexOf(next), attempts.size()),
          this::attempt,
          _ -> refuse(failure.problem()));
    }
  }

  private void noteFailed(Attempt failed, Failure failure) {
    rooms.meters().failed(failed.offer().id(), failure.kind().name());
    LOG.info(
        "call {}: attempt at {}{} failed, {}: {}",
        visit.id(),
        failed.offer().id(),
        failed.offer().isOnOwnKey() ? " with the payer's own key" : "",
        failure.kind(),
        failure.detail());
  }

  private void deliver(Attempt served, Reception reception) {
    record.served(served.requestId(reception), served.millis());
    rooms.meters().served(served.offer().id(), served.millis());
    rooms.router().served(theRoute(), served.offer());
    switch (reception) {
      case Reception.Whole whole -> whole(served, whole);
      case Reception.Stream stream -> stream(served, stream);
    }
  }

  private void whole(Attempt served, Reception.Whole whole) {
    Quantities reported = whole.answer().reported();
    boolean output = whole.answer().hasOutput();
    if (reported == null) {
      call.delivered().text().append(whole.answer().text());
    }
    Course.End end = telling.hasLeft() ? Course.End.CLIENT_LEFT_DRAINED : Course.End.COMPLETED;
    Consumer<Receipt> told =
        told(bill -> telling.whole(served, whole, bill), Refusals.settlementPending());
    till.count(
        reported,
        output,
        stepping(counted -> till.end(served.offer(), end, reported, counted, output, told)));
  }

  private void stream(Attempt served, Reception.Stream stream) {
    Delivery delivery = stream.delivery();
    streaming = true;
    rooms.meters().streamOpened();
    telling.begin(served, stream);
    delivery.onEnd(stepping(end -> ended(served, delivery, end)));
  }

  private void ended(Attempt served, Delivery delivery, Course.End how) {
    Quantities reported = isWhole(how, delivery) ? delivery.reported() : null;
    boolean output = delivery.hasDelivered();
    if (how == Course.End.BROKE) {
      broke(served);
    }
    till.count(
        reported,
        output,
        stepping(
            counted -> {
              Course.End end =
                  telling.hasLeft() && how == Course.End.COMPLETED
                      ? Course.End.CLIENT_LEFT_DRAINED
                      : how;
              Consumer<Receipt.Bill> told = bill -> telling.end(served, delivery, end, bill, cut);
              Problem late =
                  end == Course.End.BROKE && cut != null ? cut : Refusals.settlementPending();
              till.end(served.offer(), end, reported, counted, output, told(told, late));
            }));
  }

  /// Whether the provider said its last word on what the call consumed: of an answer that was cut
  /// short it has not, unless it closed its account before.
  private static boolean isWhole(Course.End end, Delivery delivery) {
    return switch (end) {
      case COMPLETED, ERROR_FINISH, CLIENT_LEFT_DRAINED -> true;
      case BROKE, CLIENT_LEFT, NO_ANSWER -> delivery.isAccounted();
    };
  }

  private void broke(Attempt served) {
    served.abort(Course.End.BROKE);
    LOG.info("call {}: the answer of {} ended too early", visit.id(), served.offer().id());
    if (cut == null) {
      rooms.meters().failed(served.offer().id(), Failure.Kind.BROKEN.name());
      rooms.health().failed(served.offer().id());
    }
  }

  /// Once the end is committed, the client is told of it.
  ///
  /// @param late what it is told where that takes too long, or somebody else ended the call
  private Consumer<Receipt> told(Consumer<Receipt.Bill> told, Problem late) {
    return stepping(
        receipt -> {
          switch (receipt) {
            case Receipt.Bill bill -> told.accept(bill);
            case Receipt.Pending _ -> telling.refuse(late, attempt);
          }
          over();
        });
  }

  /// Something stood in the way. A call that is refused before the ledger has looked at its key may
  /// be the repeat of one that was made: then the client is told of that one.
  private void refuse(Problem problem) {
    boolean ours = problem.status() >= 500;
    if (ours || telling.hasLeft() || !till.mayBeRepeat()) {
      turnAway(problem);
      return;
    }
    till.first(
        stepping(first -> turnAway(first.isEmpty() ? problem : Refusals.repeated(first.get()))));
  }

  /// The hold, if there is one, is let go; then the client is told.
  private void turnAway(Problem problem) {
    Runnable told =
        () -> {
          telling.refuse(problem, attempt);
          over();
        };
    if (till.isOpen()) {
      String reason = telling.hasLeft() ? "client_left" : cut == null ? "no_answer" : "deadline";
      till.release(reason, () -> step(told));
    } else {
      told.run();
    }
  }

  // ---- what happens beside it ----

  /// Twice a second: bounds, keep-alives, marks.
  private void tick() {
    Attempt running = attempt;
    long millis = record.millis();
    if (running != null && till.isOpen() && isCut(running, millis)) {
      return;
    }
    if (isSilenced()) {
      till.stopWaiting();
    }
    if (running != null) {
      running.passed(Ticker.PERIOD_MILLIS);
    }
    till.tick(millis);
    if (allowing && millis > call.settings().settleMillis()) {
      allowing = false;
      refuse(Refusals.ledgerUnavailable());
    }
    if (running != null && ticker.isMarking()) {
      mark(running);
    }
  }

  private void mark(Attempt running) {
    Delivery delivery = running.delivery();
    if (delivery != null && delivery.hasDelivered()) {
      till.mark(running.offer());
    }
  }

  /// Ends the attempt when there is a reason to. Should nobody hear of that, the call ends all the
  /// same, at the next look.
  private boolean isCut(Attempt running, long millis) {
    Problem reason = cut;
    if (reason == null) {
      cut = reasonToCut(millis);
      if (cut != null) {
        running.abort(Course.End.BROKE);
      }
      return cut != null;
    }
    boolean unheard = running.forsake();
    if (unheard) {
      till.expose(running.offer());
      refuse(reason);
    }
    return unheard;
  }

  private @Nullable Problem reasonToCut(long millis) {
    if (isSilenced()) {
      return Refusals.silenced();
    }
    return millis > call.settings().secondsMax() * 1_000L ? Refusals.deadline() : null;
  }

  /// This node may have been declared dead since the call came in, and the call ended elsewhere.
  private boolean isSilenced() {
    return term == Presence.AWAY || rooms.presence().term() != term;
  }

  /// The client left. A provider that stops billing is stopped; one that bills anyway is heard out.
  private void leave() {
    if (telling.hasLeft() || telling.isDone()) {
      return;
    }
    telling.leave();
    Attempt running = attempt;
    if (running == null) {
      till.abandon();
    } else if (!running.provider().billsOnCancel()) {
      running.abort(Course.End.CLIENT_LEFT);
    } else if (running.delivery() != null) {
      running.delivery().drain();
    }
  }

  // ---- when we are at fault ----

  /// Runs a step of the story. A call that has stumbled takes none any more.
  private void step(Runnable step) {
    if (!stumbled) {
      guard(step);
    }
  }

  private void guard(Runnable step) {
    if (over) {
      return;
    }
    try {
      step.run();
    } catch (ProblemException known) {
      refuse(known.problem());
    } catch (RuntimeException | Error bug) {
      stumble(bug);
    }
  }

  private <T> Consumer<T> stepping(Consumer<T> next) {
    return value -> step(() -> next.accept(value));
  }

  /// A fault of our own. What was delivered is paid for all the same, and nothing is let go that
  /// might have been delivered. Where even that fails the hold stays open: at its deadline the
  /// ledger posts its last mark.
  private void stumble(Throwable bug) {
    boolean again = stumbled;
    stumbled = true;
    try {
      Attempt served = attempt;
      if (again || !till.isOpen()) {
        fallen(bug);
      } else if (served == null) {
        till.release("fault", () -> fallen(bug));
      } else {
        salvage(served, bug);
      }
    } catch (RuntimeException | Error worse) {
      bug.addSuppressed(worse);
      fallen(bug);
    }
  }

  private void salvage(Attempt served, Throwable bug) {
    served.abort(Course.End.BROKE);
    Delivery delivery = served.delivery();
    if (delivery == null || !delivery.hasDelivered()) {
      till.expose(served.offer());
      till.release("fault", () -> fallen(bug));
      return;
    }
    till.count(null, true, counted -> till.salvage(served.offer(), counted, _ -> fallen(bug)));
  }

  private void fallen(Throwable bug) {
    if (!over) {
      over();
      telling.fail(bug, attempt);
    }
  }

  private void over() {
    over = true;
    ticker.remove(ticking);
    if (streaming) {
      rooms.meters().streamClosed();
    }
  }

  private Routed.Route theRoute() {
    return Objects.requireNonNull(route);
  }
}
