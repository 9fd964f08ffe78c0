package faregate.gateway;

import faregate.catalog.Offer;
import faregate.id.LotId;
import faregate.id.WalletId;
import faregate.ledger.HoldCommand;
import faregate.ledger.HoldOutcome;
import faregate.ledger.RepeatKey;
import faregate.money.Nanos;
import faregate.tariff.Quantities;
import faregate.tariff.Tariff;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The money of one call: its size, its hold, its marks, what it may still cost the operator, and
/// its one end. Belongs to the call's event loop.
final class Till {
  private static final Logger LOG = LoggerFactory.getLogger(Till.class);
  private static final long GRACE_MICROS = 60_000_000;
  private static final byte[] NO_FACTS = {};

  private final Call call;
  private final Hold hold;
  private @Nullable Sizing sizing;
  private Nanos exposure = Nanos.ZERO;
  private long outputLimit;
  private boolean countingPrompt;
  private @Nullable Consumer<Receipt> waiting;
  private long waitingMillis;

  Till(Call call) {
    this.call = call;
    this.hold = new Hold(call.rooms().ledger(), call.ref(), call.loop());
  }

  // ---- the hold ----

  /// Asks for a hold that covers the dearest attempt.
  ///
  /// @param first the offer that is asked first: its price is stamped on the hold
  /// @param limits spending limits that the call counts against
  void hold(Sizing size, Offer first, Collection<LotId> limits, Consumer<HoldOutcome> outcome) {
    sizing = size;
    CallSettings settings = call.settings();
    long longestMicros = Duration.ofSeconds(settings.secondsMax()).toNanos() / 1_000;
    hold.make(
        new HoldCommand(
                call.visit().id(),
                call.caller().wallet(),
                List.copyOf(limits),
                size.least(),
                size.wish(),
                size.most(),
                call.rooms().ledger().nowMicros() + longestMicros + GRACE_MICROS,
                settings.lineSecondsMax() * 1_000,
                call.record().ref(first))
            .named(call.repeat()),
        outcome);
  }

  /// Whether the client named its call and the ledger has not been asked yet what it knows by that
  /// name.
  boolean mayBeRepeat() {
    return call.repeat() != null && hold.isUnasked();
  }

  /// Looks for the call that has the client's key, off the event loop.
  ///
  /// @param told takes it; nothing where no call has the key, or nobody can say
  void first(Consumer<Optional<HoldOutcome.RepeatedKey>> told) {
    RepeatKey key = Objects.requireNonNull(call.repeat());
    WalletId wallet = call.caller().wallet();
    call.visit()
        .context()
        .executeBlocking(() -> call.rooms().knownKeys().repeated(wallet, key), false)
        .map(Objects::requireNonNull)
        .otherwise(
            cause -> {
              LOG.warn(
                  "call {}: its key cannot be looked up: {}", call.visit().id(), cause.toString());
              return Optional.empty();
            })
        .onSuccess(told::accept);
  }

  /// The client left while the hold was asked for.
  void abandon() {
    hold.abandon();
  }

  /// Whether there is a hold that nobody has begun to end.
  boolean isOpen() {
    return hold.isOpen();
  }

  /// What is held.
  Nanos held() {
    return hold.amount();
  }

  /// Works out how many tokens of output the hold pays for at this offer.
  long limit(Offer offer) {
    outputLimit = size().outputLimit(offer, hold.amount());
    return outputLimit;
  }

  /// The limit of the attempt under way.
  long outputLimit() {
    return outputLimit;
  }

  /// Notes that an attempt may be billed although it brought nothing. On a caller's own key that is
  /// nothing to us.
  void expose(Offer offer) {
    if (offer.isOnOwnKey()) {
      return;
    }
    Nanos bound = size().ceiling(offer, outputLimit);
    exposure = exposure.plus(bound);
    call.record().exposed(offer, bound);
  }

  // ---- while it runs ----

  /// Told now and then how long the call has taken: ends the waiting for a commit that takes too
  /// long for the client.
  void tick(long millis) {
    if (waiting != null && millis - waitingMillis > call.settings().settleMillis()) {
      tell(new Receipt.Pending());
    }
  }

  /// The client is kept waiting for the commit no longer; the ledger goes on trying.
  void stopWaiting() {
    if (waiting != null) {
      tell(new Receipt.Pending());
    }
  }

  /// Leaves a mark of what a stream has delivered so far, should this process die.
  void mark(Offer served) {
    if (!hold.isOpen()) {
      return;
    }
    Delivered delivered = call.delivered();
    if (delivered.isPromptCounted()) {
      Quantities least = delivered.atLeast();
      hold.mark(tariff(served).charge(least), call.record().facts(least));
    } else if (!countingPrompt) {
      countingPrompt = true;
      call.visit()
          .context()
          .executeBlocking(delivered::countPrompt, false)
          .onSuccess(_ -> mark(served))
          .onFailure(_ -> countingPrompt = false);
    }
  }

  // ---- the end ----

  /// Counts what was delivered, off the event loop, where the provider did not tell.
  void count(@Nullable Quantities reported, boolean output, Consumer<Quantities> counted) {
    if (reported != null || !output) {
      counted.accept(Quantities.NONE);
      return;
    }
    Delivered delivered = call.delivered();
    call.visit()
        .context()
        .executeBlocking(delivered::count, false)
        .map(Objects::requireNonNull)
        .otherwise(_ -> delivered.atLeast())
        .onSuccess(counted::accept);
  }

  /// Writes the one end of the hold. Waits for the commit as long as a client can be kept waiting;
  /// the ledger goes on trying after that.
  void end(
      Offer served,
      Course.End end,
      @Nullable Quantities reported,
      Quantities counted,
      boolean output,
      Consumer<Receipt> told) {
    Course course = new Course(end, reported, counted, output, exposure);
    call.record().ended(end == Course.End.COMPLETED ? "" : end.name().toLowerCase(Locale.ROOT));
    Ending ending = Ending.of(course, tariff(served), hold.amount());
    Quantities quantities =
        ending instanceof Ending.Post post ? post.quantities() : Quantities.NONE;
    write(served, ending, call.record().facts(quantities), told);
  }

  /// The same after a fault of our own: what was delivered is posted, whatever else went wrong. The
  /// facts are left out where even they cannot be made.
  void salvage(Offer served, Quantities counted, Consumer<Receipt> told) {
    Course course = new Course(Course.End.BROKE, null, counted, true, exposure);
    Ending ending = Ending.of(course, tariff(served), hold.amount());
    write(served, ending, salvagedFacts(counted), told);
  }

  private byte[] salvagedFacts(Quantities counted) {
    try {
      return call.record().facts(counted);
    } catch (RuntimeException bug) {
      LOG.error("call {}: its facts could not be written", call.visit().id(), bug);
      return NO_FACTS;
    }
  }

  private void write(Offer served, Ending ending, byte[] facts, Consumer<Receipt> told) {
    await(told);
    hold.end(
        ending,
        facts,
        cost -> {
          if (cost == null) {
            tell(new Receipt.Pending());
            return;
          }
          switch (ending) {
            case Ending.Release _ -> tell(new Receipt.Bill(cost, Quantities.NONE, false));
            case Ending.Post post -> posted(served, post, cost);
          }
        });
  }

  private void posted(Offer served, Ending.Post post, Nanos cost) {
    Quantities quantities = post.quantities();
    boolean estimated = post.estimated();
    try {
      call.rooms()
          .meters()
          .charged(call.record().model(), served.id(), quantities, cost, estimated);
    } finally {
      tell(new Receipt.Bill(cost, quantities, estimated));
    }
  }

  /// Lets the hold go: nothing was delivered.
  ///
  /// @param released once it is committed, or takes too long
  void release(String reason, Runnable released) {
    await(_ -> released.run());
    call.record().ended(reason);
    byte[] facts = call.record().facts(Quantities.NONE);
    hold.end(
        new Ending.Release(exposure, reason),
        facts,
        _ -> tell(new Receipt.Bill(Nanos.ZERO, Quantities.NONE, false)));
  }

  private void await(Consumer<Receipt> told) {
    waiting = told;
    waitingMillis = call.record().millis();
  }

  /// Only the first receipt is told.
  private void tell(Receipt receipt) {
    Consumer<Receipt> told = waiting;
    if (told != null) {
      waiting = null;
      told.accept(receipt);
    }
  }

  private Sizing size() {
    return Objects.requireNonNull(sizing);
  }

  private static Tariff tariff(Offer offer) {
    return Objects.requireNonNull(offer.tariff(), () -> offer.id() + " has no price");
  }
}
