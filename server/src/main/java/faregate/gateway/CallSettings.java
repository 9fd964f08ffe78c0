package faregate.gateway;

import java.time.Duration;

/// The bounds of a call. Section `calls` of the configuration.
///
/// @param secondsMax how long a call may take in all; a hold lasts a little longer
/// @param lineSecondsMax how long a call waits for others' holds to end
/// @param connectMillisMax for resolving, connecting and the TLS handshake
/// @param headerSecondsMax from there to the head of the answer
/// @param stallSecondsMax silence of a provider in the middle of a stream after which it counts as
///   dead
/// @param keepAliveSeconds silence of a stream after which a comment is sent
/// @param settleSecondsMax how long the end of an answer waits for its commit
/// @param answerBytesMax the largest answer that is not streamed
public record CallSettings(
    int secondsMax,
    int lineSecondsMax,
    int connectMillisMax,
    int headerSecondsMax,
    int stallSecondsMax,
    int keepAliveSeconds,
    int settleSecondsMax,
    int answerBytesMax) {

  public CallSettings {
    above0("seconds_max", secondsMax);
    above0("connect_millis_max", connectMillisMax);
    above0("header_seconds_max", headerSecondsMax);
    above0("stall_seconds_max", stallSecondsMax);
    above0("keep_alive_seconds", keepAliveSeconds);
    above0("settle_seconds_max", settleSecondsMax);
    above0("answer_bytes_max", answerBytesMax);
    if (lineSecondsMax < 0) {
      throw new IllegalArgumentException(
          "line_seconds_max must be 0 or more, not " + lineSecondsMax);
    }
  }

  public static CallSettings defaults() {
    return new CallSettings(600, 5, 5_000, 120, 120, 10, 20, 32 << 20);
  }

  private static void above0(String name, int value) {
    if (value <= 0) {
      throw new IllegalArgumentException(name + " must be above 0, not " + value);
    }
  }

  Duration connectMax() {
    return Duration.ofMillis(connectMillisMax);
  }

  Duration headerMax() {
    return Duration.ofSeconds(headerSecondsMax);
  }

  long stallMillis() {
    return stallSecondsMax * 1_000L;
  }

  long keepAliveMillis() {
    return keepAliveSeconds * 1_000L;
  }

  long settleMillis() {
    return settleSecondsMax * 1_000L;
  }
}
