package faregate.kit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// The machine's time, set forward or back by what a file says: a number of microseconds on its
/// first line. For proofs and tests only, which need a clock that jumps; the monotonic time is the
/// machine's.
///
/// The file is looked at again every 20 ms. While it cannot be read, the last shift stays.
public final class ShiftedClock implements Clock {
  private static final long FRESH_NANOS = 20_000_000;

  private final Path file;
  private volatile Read last;

  private record Read(long shiftMicros, long nanos) {}

  /// @param file need not exist; then nothing is shifted
  public ShiftedClock(Path file) {
    this.file = file;
    this.last = new Read(0, nanoTime() - FRESH_NANOS);
  }

  @Override
  public long micros() {
    return Clock.system().micros() + shiftMicros();
  }

  @Override
  public long nanoTime() {
    return Clock.system().nanoTime();
  }

  private long shiftMicros() {
    Read known = last;
    long nanos = nanoTime();
    if (nanos - known.nanos < FRESH_NANOS) {
      return known.shiftMicros;
    }
    Read fresh = new Read(read(known.shiftMicros), nanos);
    last = fresh;
    return fresh.shiftMicros;
  }

  private long read(long otherwise) {
    try {
      return Long.parseLong(Files.readString(file).strip());
    } catch (IOException | NumberFormatException _) {
      return otherwise;
    }
  }
}
