package faregate.kit;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/// The machine's clocks.
enum SystemClock implements Clock {
  INSTANCE;

  @Override
  public long micros() {
    return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
  }

  @Override
  public long nanoTime() {
    return System.nanoTime();
  }
}
