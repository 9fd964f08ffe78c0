package faregate.prove;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/// A fault that was injected. Times are monotonic nanoseconds of the proof's process.
///
/// @param node whom it hit; [#ALL] for every gateway
/// @param fromNanos when it began
/// @param toNanos when it ended; what is sent soon after may feel it still: [Kind]
public record Mishap(Kind kind, int node, long fromNanos, long toNanos) {
  static final int ALL = -1;

  /// What was done, and how long after it a call may be sent and feel it still. Each kind excuses
  /// what it can cause, and no more: or a proof would be blind for a while after each of them.
  public enum Kind {
    KILL("kill -9 of a gateway", 500),
    DATABASE_KILL("kill -9 of the database server", 3_000),
    STOP("stop of a gateway past its death (SIGSTOP, SIGCONT)", 1_000),
    PAUSE("short stop of a gateway", 1_000),
    CUT("connections to the database cut", 3_000),
    CUT_BATCH("connection cut with a batch under way", 3_000),
    LATE_BATCH("batch that reached the database after its connection was cut", 3_000),
    STALL("connections to the database stalled", 3_000),
    SLOW_COMMITS("commits delayed", 0),
    CLOCK("clock set", 2_000);

    private final String words;
    private final long echoNanos;

    Kind(String words, int echoMillis) {
      this.words = words;
      this.echoNanos = echoMillis * 1_000_000L;
    }

    /// Whether a provider may have to bill more than was charged because of it.
    private boolean excusesBills() {
      return this != SLOW_COMMITS;
    }

    /// Whether a hold may end because of it while its provider is still at work: its node died, or
    /// its deadline passed at once.
    private boolean endsHolds() {
      return this == KILL || this == STOP || this == CLOCK;
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

  /// Whether it excuses that a provider billed more for a call than was charged.
  boolean excuses(CallNote note) {
    return kind.excusesBills() && hit(note.node(), note.sentNanos(), note.doneNanos());
  }

  /// Whether it may have ended a call's hold while its provider was at work.
  boolean endedHold(int gateway, long beganNanos, long endedNanos) {
    return kind.endsHolds() && hit(gateway, beganNanos, endedNanos);
  }

  private boolean hit(int gateway, long beganNanos, long endedNanos) {
    return (node == ALL || node == gateway)
        && fromNanos - endedNanos <= 0
        && beganNanos - toNanos <= kind.echoNanos;
  }
}
