package faregate.health;

import faregate.health.Belief.Breaker;
import faregate.id.OfferId;
import faregate.kit.Clock;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;

/// What we believe about every offer. In memory, of this node only.
///
/// Thread-safe: each offer has one immutable belief, replaced atomically. Cheap enough for an event
/// loop.
public final class Health {
  /// A speed older than this is worth measuring again.
  static final long FRESH_NANOS = Duration.ofMinutes(10).toNanos();

  private final ConcurrentHashMap<OfferId, Belief> beliefs = new ConcurrentHashMap<>();
  private final Clock clock;
  private final long origin;

  public Health(Clock clock) {
    this.clock = clock;
    this.origin = clock.nanoTime() - FRESH_NANOS;
  }

  /// An answer arrived.
  ///
  /// @param firstByteMillis from dispatch to the first byte of the answer; negative when not known
  /// @param tokensPerSecond output tokens per second of the whole answer; 0 or less when not known
  public void succeeded(OfferId offer, long firstByteMillis, double tokensPerSecond) {
    long now = now();
    change(offer, belief -> belief.succeeded(now, firstByteMillis, tokensPerSecond));
  }

  /// An attempt failed by the provider's doing: it could not be reached, was too slow, or answered
  /// with an error of its own.
  public void failed(OfferId offer) {
    long now = now();
    change(offer, belief -> belief.failed(now));
  }

  /// The provider asks to be left alone (429).
  ///
  /// @param rest for how long; at most an hour is believed
  public void cool(OfferId offer, Duration rest) {
    long now = now();
    change(offer, belief -> belief.cooled(now, rest));
  }

  /// It answered, but with no more than what is wrong with the request: a trial has shown that it
  /// is there, and nothing else changes. Faults between such answers are still in a row.
  public void answered(OfferId offer) {
    change(offer, Belief::answered);
  }

  /// The offer cannot serve as things stand, without being in trouble: its account is refused. The
  /// breaker opens at once.
  ///
  /// @param rest until the next trial
  public void distrust(OfferId offer, Duration rest) {
    long now = now();
    change(offer, belief -> belief.distrusted(now, rest));
  }

  /// For how much longer the provider wants no call; zero when it takes them.
  public Duration cooling(OfferId offer) {
    return Duration.ofNanos(Math.max(of(offer).coolUntil() - now(), 0));
  }

  /// Whether the last calls went well enough for another one. False while the breaker is open or a
  /// trial is under way.
  public boolean isTrusted(OfferId offer) {
    return of(offer).breaker() == Breaker.CLOSED;
  }

  /// Takes the one trial that a breaker allows when its rest is over.
  ///
  /// @return true for the one call that may try; its end must be told by `succeeded`, `answered` or
  ///   `failed`, or the trial counts as lost after half a minute
  public boolean claimTrial(OfferId offer) {
    long now = now();
    if (!of(offer).isDue(now)) {
      return false;
    }
    boolean[] claimed = new boolean[1];
    beliefs.computeIfPresent(
        offer,
        (_, belief) -> {
          claimed[0] = belief.isDue(now);
          return claimed[0] ? belief.trying(now) : belief;
        });
    return claimed[0];
  }

  /// How it answers.
  public Pace pace(OfferId offer) {
    Belief belief = of(offer);
    boolean fresh = belief.tokensPerSecond() > 0 && now() - belief.measuredAt() < FRESH_NANOS;
    return new Pace(belief.firstByteMillis(), belief.tokensPerSecond(), fresh);
  }

  private Belief of(OfferId offer) {
    return beliefs.getOrDefault(offer, Belief.UNKNOWN);
  }

  private void change(OfferId offer, UnaryOperator<Belief> change) {
    beliefs.compute(offer, (_, belief) -> change.apply(belief == null ? Belief.UNKNOWN : belief));
  }

  private long now() {
    return clock.nanoTime() - origin;
  }
}
