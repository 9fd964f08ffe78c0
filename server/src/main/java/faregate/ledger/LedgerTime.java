package faregate.ledger;

import faregate.kit.Clock;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/// The ledger's now, in microseconds since the epoch. Never runs backward, and never precedes the
/// last time that was stored.
///
/// In a file of this process it is the wall clock. Where that was set back, the ledger's time goes
/// on at nine tenths of the monotonic clock until the wall clock has caught up. On a shared
/// database it is the server's: each batch brings it back, and the monotonic clock advances it
/// between. Thread-safe.
final class LedgerTime {
  private static final long JUMP_MICROS = 10_000_000;

  private record Anchor(long micros, long nanos) {}

  private final Clock clock;
  private final boolean shared;
  private final AtomicLong last;
  private volatile Anchor anchor;
  private boolean jumped;

  private LedgerTime(Clock clock, boolean shared, long stored, long now) {
    this.clock = clock;
    this.shared = shared;
    this.last = new AtomicLong(stored);
    this.anchor = new Anchor(Math.max(stored, now), clock.nanoTime());
    now();
  }

  /// @param stored the last time that was stored
  /// @param now the time of whoever's time counts
  static LedgerTime of(Clock clock, boolean shared, long stored, long now) {
    return new LedgerTime(clock, shared, stored, now);
  }

  long now() {
    Anchor from = anchor;
    long elapsedMicros = TimeUnit.NANOSECONDS.toMicros(clock.nanoTime() - from.nanos);
    return last.accumulateAndGet(
        shared
            ? from.micros + elapsedMicros
            : Math.max(clock.micros(), from.micros + elapsedMicros * 9 / 10),
        Math::max);
  }

  /// The writer's: moves on, and notices a jump.
  long advance() {
    if (shared) {
      return now();
    }
    Anchor before = anchor;
    long nanos = clock.nanoTime();
    long micros = now();
    move(before, new Anchor(micros, nanos));
    return micros;
  }

  /// The server's time has come back.
  ///
  /// @param nanos when, by the monotonic clock
  void brought(long micros, long nanos) {
    if (shared) {
      move(anchor, new Anchor(micros, nanos));
    }
  }

  private void move(Anchor before, Anchor after) {
    long elapsedMicros = TimeUnit.NANOSECONDS.toMicros(after.nanos - before.nanos);
    jumped |= after.micros - before.micros > elapsedMicros + JUMP_MICROS;
    anchor = after;
  }

  /// Whether time went more than ten seconds further than the monotonic clock since the last
  /// question: the machine slept, or its clock was set. It counts as an outage.
  boolean jumped() {
    boolean was = jumped;
    jumped = false;
    return was;
  }

  /// How old the server's time is that was brought last.
  long ageNanos() {
    return clock.nanoTime() - anchor.nanos;
  }
}
