package faregate.store;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Tells which other nodes are dead: those whose beat stood still for long enough, on this node's
/// own monotonic clock, while this node was looking all the time.
///
/// When the watcher itself lost sight of the database, it cannot tell their silence from its own,
/// so it begins anew. Therefore nobody is declared dead because the database was away. Not
/// thread-safe.
final class Watch {
  private final long deadNanos;
  private final long gapNanosMax;
  private final Map<Integer, Still> stills = new HashMap<>();
  private @Nullable Long lookedNanos;

  /// A row as it was seen.
  record Row(int number, long holder, long beat) {}

  /// Since when a row has shown the same, at the latest.
  private record Still(Row row, long sinceNanos) {}

  Watch(NodeSettings settings) {
    this.deadNanos = settings.dead().toNanos();
    this.gapNanosMax = settings.gapMax().toNanos();
  }

  /// Takes in one look at all other nodes.
  ///
  /// @param beganNanos before the look, monotonic
  /// @param endedNanos after it
  /// @return the rows of the dead
  List<Row> look(List<Row> rows, long beganNanos, long endedNanos) {
    if (lookedNanos != null && endedNanos - lookedNanos > gapNanosMax) {
      stills.clear();
    }
    lookedNanos = endedNanos;
    Map<Integer, Still> before = Map.copyOf(stills);
    stills.clear();
    List<Row> dead = new ArrayList<>();
    for (Row row : rows) {
      Still still = before.get(row.number());
      if (still == null || !still.row().equals(row)) {
        still = new Still(row, endedNanos);
      }
      stills.put(row.number(), still);
      if (beganNanos - still.sinceNanos() >= deadNanos) {
        dead.add(row);
      }
    }
    return dead;
  }

  /// A look failed: what was seen before counts no more.
  void interrupted() {
    stills.clear();
    lookedNanos = null;
  }
}
