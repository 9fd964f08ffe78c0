package faregate.kit;

/// Time. The only place that reads the machine's.
public interface Clock {
  /// @return wall time in microseconds since 1970-01-01T00:00Z; may jump
  long micros();

  /// @return monotonic nanoseconds from an arbitrary origin; never falls
  long nanoTime();

  static Clock system() {
    return SystemClock.INSTANCE;
  }
}
