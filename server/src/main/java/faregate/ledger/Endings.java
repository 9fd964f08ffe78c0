package faregate.ledger;

import faregate.id.CallId;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The latest endings, so that nearly every id is known to be new, or a repeat, without a read.
///
/// Every ending that is not in the map has an id of at most `forgotten`. An id above it that is not
/// in the map has therefore never ended.
final class Endings {
  private final Map<CallId, Ended> latest = new LinkedHashMap<>();
  private final int sizeMax;
  private long forgotten;

  /// @param forgotten the highest id in the table of the ended
  Endings(int sizeMax, long forgotten) {
    this.sizeMax = sizeMax;
    this.forgotten = forgotten;
  }

  @Nullable Ended get(CallId id) {
    return latest.get(id);
  }

  /// Whether the call may have ended though [#get] does not know it.
  boolean mayHaveEnded(CallId id) {
    return id.value() <= forgotten;
  }

  void put(CallId id, Ended ended) {
    latest.put(id, ended);
  }

  /// Forgets the eldest, whose rows can be read by now. Between batches only.
  void trim() {
    Iterator<CallId> eldest = latest.keySet().iterator();
    while (latest.size() > sizeMax) {
      forgotten = Math.max(forgotten, eldest.next().value());
      eldest.remove();
    }
  }

  /// A call ended elsewhere: it is looked up from now on.
  void forget(CallId id) {
    forgotten = Math.max(forgotten, id.value());
  }

  /// Undoes [#put].
  void remove(CallId id) {
    latest.remove(id);
  }
}
