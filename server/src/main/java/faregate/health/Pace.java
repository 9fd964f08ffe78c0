package faregate.health;

/// How an offer answers, as moving averages.
///
/// @param firstByteMillis from dispatch to the first byte; 0 when never measured
/// @param tokensPerSecond output tokens per second; 0 when never measured
/// @param fresh whether the speed was measured not long ago
public record Pace(double firstByteMillis, double tokensPerSecond, boolean fresh) {

  /// Whether the speed was ever measured.
  public boolean isMeasured() {
    return tokensPerSecond > 0;
  }
}
