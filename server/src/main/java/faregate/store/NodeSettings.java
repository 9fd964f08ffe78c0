package faregate.store;

import java.time.Duration;

/// When a node is heard, when it keeps silent, and when it is dead.
///
/// @param beat how often a node says that it lives
/// @param silence counted from sending the last beat that was acknowledged: after it a node
///   dispatches nothing and ends its streams
/// @param dead after which time without a beat another node ends its holds; on the clock of that
///   other node
public record NodeSettings(Duration beat, Duration silence, Duration dead) {
  public static final NodeSettings DEFAULT =
      new NodeSettings(Duration.ofSeconds(1), Duration.ofSeconds(20), Duration.ofSeconds(30));

  private static final int BEATS_IN_SILENCE_MIN = 3;

  public NodeSettings {
    if (beat.toMillis() < 10) {
      throw new IllegalArgumentException("beat " + text(beat) + " is too short; take 10ms or more");
    }
    if (silence.compareTo(beat.multipliedBy(BEATS_IN_SILENCE_MIN)) < 0) {
      throw new IllegalArgumentException(
          "silence %s leaves no room for a lost beat; take three times the beat (%s) or more"
              .formatted(text(silence), text(beat)));
    }
    if (dead.compareTo(silence.plus(beat)) < 0) {
      throw new IllegalArgumentException(
          "dead %s must be longer than silence (%s) and a beat (%s), or two nodes could spend the same hold"
              .formatted(text(dead), text(silence), text(beat)));
    }
  }

  /// For settings.
  public static NodeSettings defaults() {
    return DEFAULT;
  }

  /// How long a watch may be interrupted before it has to begin anew.
  Duration gapMax() {
    return dead.dividedBy(4);
  }

  private static String text(Duration duration) {
    return duration.toMillis() + "ms";
  }
}
