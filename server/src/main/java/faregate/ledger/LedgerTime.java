package faregate.ledger;

import faregate.kit.Clock;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/// The ledger's now, in microseconds since the epoch. Never runs backward, and never precedes the
/// last time that was stored.
///
/// It is the wall clock. Where that was set back, the ledger's time goes on at nine tenths of the
/// monotonic clock until the wall clock has caught up. Thread-safe.
final class LedgerTime {
  private static final long JUMP_MICROS = 10_000_000;

  private record Anchor(long micros, long nanos) {}

  private final Clock clock;
  private final AtomicLong last;
  private volatile Anchor anchor;
  private boolean jumped;

  /// @param stored the last time that was stored
  LedgerTime(Clock clock, long stored) {
    this.clock = clock;
    this.last = new AtomicLong(stored);
    this.anchor = new Anchor(now(stored, clock.nanoTime()), clock.nanoTime());
  }

  long now() {
    return now(anchor.micros, anchor.nanos);
  }

  private long now(long micros, long nanos) {
    long elapsedMicros = TimeUnit.NANOSECONDS.toMicros(clock.nanoTime() - nanos);
    return last.accumulateAndGet(
        Math.max(clock.micros(), micros + elapsedMicros * 9 / 10), Math::max);
  }

  /// The writer's: moves on, and notices a jump.
  long advance() {
    Anchor before = anchor;
    long nanos = clock.nanoTime();
    long micros = now();
    long elapsedMicros = TimeUnit.NANOSECONDS.toMicros(nanos - before.nanos);
    jumped = micros - before.micros > elapsedMicros + JUMP_MICROS;
    anchor = new Anchor(micros, nanos);
    return micros;
  }

  /// Whether the last [#advance] went more than ten seconds further than the monotonic clock: the
  /// machine slept, or its clock was set. It counts as an outage.
  boolean jumped() {
    return jumped;
  }
}
