package faregate.usage;

import java.util.concurrent.TimeUnit;

/// Days (UTC) as numbers since 1970-01-01.
final class Days {
  private static final long MICROS = TimeUnit.DAYS.toMicros(1);

  private Days() {}

  static long of(long micros) {
    return Math.floorDiv(micros, MICROS);
  }

  /// The first moment of a day.
  static long start(long day) {
    return Math.multiplyExact(day, MICROS);
  }

  /// The first day that begins at or after a moment.
  static long firstFrom(long micros) {
    return Math.ceilDiv(micros, MICROS);
  }
}
