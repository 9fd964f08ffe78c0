package faregate.prove;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/// A fault that was injected. Times are monotonic nanoseconds of the proof's process.
///
/// @param node whom it hit; [#ALL] for every gateway
/// @param fromNanos when it began
/// @param toNanos when its consequences had to be over
public record Mishap(Kind kind, int node, long fromNanos, long toNanos) {
  static final int ALL = -1;

  /// What was done.
  public enum Kind {
    KILL("kill -9 of a gateway"),
    DATABASE_KILL("kill -9 of the database server"),
    STOP("stop of a gateway past its death (SIGSTOP, SIGCONT)"),
    PAUSE("short stop of a gateway"),
    CUT("connections to the database cut"),
    CUT_BATCH("connection cut with a batch under way"),
    LATE_BATCH("batch that reached the database after its connection was cut"),
    STALL("connections to the database stalled"),
    SLOW_COMMITS("commits delayed"),
    CLOCK("clock set");

    private final String words;

    Kind(String words) {
      this.words = words;
    }

    String words() {
      return words;
    }
  }

  /// How often each kind is among some.
  static Map<Kind, Integer> counts(List<Kind> kinds) {
    Map<Kind, Integer> counts = new EnumMap<>(Kind.class);
    kinds.forEach(each -> counts.merge(each, 1, Integer::sum));
    return counts;
  }

  boolean hit(CallNote note) {
    return (node == ALL || node == note.node())
        && fromNanos - note.doneNanos() <= 0
        && note.sentNanos() - toNanos <= 0;
  }
}
