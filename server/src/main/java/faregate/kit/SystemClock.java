package faregate.kit;

import java.time.Instant;

/// The machine's clocks.
enum SystemClock implements Clock {
  INSTANCE;

  @Override
  public long micros() {
    Instant now = Instant.now();
    return now.getEpochSecond() * 1_000_000 + now.getNano() / 1_000;
  }

  @Override
  public long nanoTime() {
    return System.nanoTime();
  }
}
