package faregate.health;

import faregate.kit.Clock;
import java.time.Duration;

/// Time that moves by hand.
public final class HandClock implements Clock {
  private long nanos = -5_000_000_000L;

  public void pass(Duration duration) {
    nanos += duration.toNanos();
  }

  @Override
  public long micros() {
    return 1_795_000_000_000_000L + nanos / 1_000;
  }

  @Override
  public long nanoTime() {
    return nanos;
  }
}
