package faregate.health;

import java.time.Duration;

/// What is believed about one offer. Immutable. Times are nanoseconds since the house started, 0
/// being long past.
///
/// The breaker opens after [#FAILURES_MAX] failures in a row and refuses for a while that doubles
/// with each failed trial. When the while is over, one call may try; the others go on being refused
/// until that trial told how it went, or kept silent for [#TRIAL_NANOS].
///
/// @param failures in a row, since the last success
/// @param trips how often in a row the breaker opened
/// @param until when an open breaker lets a trial pass, or when a trial counts as lost
/// @param coolUntil until when the provider wants no call
/// @param firstByteMillis moving average; 0 when never measured
/// @param tokensPerSecond moving average; 0 when never measured
/// @param measuredAt when `tokensPerSecond` was last measured
record Belief(
    Breaker breaker,
    int failures,
    int trips,
    long until,
    long coolUntil,
    double firstByteMillis,
    double tokensPerSecond,
    long measuredAt) {

  enum Breaker {
    CLOSED,
    OPEN,
    /// Half open: one call is trying.
    TRIAL
  }

  static final int FAILURES_MAX = 5;
  static final long REST_NANOS = Duration.ofSeconds(5).toNanos();
  static final long REST_NANOS_MAX = Duration.ofMinutes(5).toNanos();
  static final long TRIAL_NANOS = Duration.ofSeconds(30).toNanos();
  static final Duration COOL_MAX = Duration.ofHours(1);

  /// The weight of the newest figure in a moving average.
  private static final double NEWEST = 0.2;

  static final Belief UNKNOWN = new Belief(Breaker.CLOSED, 0, 0, 0, 0, 0, 0, 0);

  Belief succeeded(long now, long firstByte, double speed) {
    boolean timed = speed > 0 && Double.isFinite(speed);
    return new Belief(
        Breaker.CLOSED,
        0,
        0,
        0,
        coolUntil,
        firstByte >= 0
            ? average(firstByteMillis, (double) Math.max(firstByte, 1))
            : firstByteMillis,
        timed ? average(tokensPerSecond, speed) : tokensPerSecond,
        timed ? now : measuredAt);
  }

  Belief answered() {
    return breaker == Breaker.TRIAL ? with(Breaker.CLOSED, 0, 0, 0) : this;
  }

  Belief failed(long now) {
    return switch (breaker) {
      case CLOSED ->
          failures + 1 < FAILURES_MAX
              ? with(Breaker.CLOSED, failures + 1, 0, 0)
              : with(Breaker.OPEN, failures + 1, 1, now + REST_NANOS);
      // A call that left before the breaker opened says nothing new.
      case OPEN -> with(Breaker.OPEN, failures + 1, trips, until);
      case TRIAL -> with(Breaker.OPEN, failures + 1, trips + 1, now + rest(trips + 1));
    };
  }

  Belief cooled(long now, Duration rest) {
    long end = Math.max(coolUntil, now + bounded(rest));
    return new Belief(
        breaker, failures, trips, until, end, firstByteMillis, tokensPerSecond, measuredAt);
  }

  Belief distrusted(long now, Duration rest) {
    return with(Breaker.OPEN, failures + 1, Math.max(trips, 1), now + bounded(rest));
  }

  Belief trying(long now) {
    return with(Breaker.TRIAL, failures, trips, now + TRIAL_NANOS);
  }

  /// Whether a call may go out as a trial: the rest is over and nobody else is trying.
  boolean isDue(long now) {
    return breaker != Breaker.CLOSED && now >= until;
  }

  private Belief with(Breaker state, int failed, int tripped, long then) {
    return new Belief(
        state, failed, tripped, then, coolUntil, firstByteMillis, tokensPerSecond, measuredAt);
  }

  private static long bounded(Duration rest) {
    return rest.compareTo(COOL_MAX) > 0 ? COOL_MAX.toNanos() : Math.max(rest.toNanos(), 0);
  }

  private static long rest(int trips) {
    int doublings = Math.min(trips - 1, 10);
    return Math.min(REST_NANOS << doublings, REST_NANOS_MAX);
  }

  private static double average(double old, double newest) {
    return old == 0 ? newest : old + NEWEST * (newest - old);
  }
}
