package faregate.sandbox;

import faregate.kit.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The sandbox's own book of what it generated and what it charges. Keeps the last calls only.
public final class Bill {
  private static final int CALLS_MAX = 200_000;

  private final Clock clock;

  private final Map<String, BillEntry> entries =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, BillEntry> eldest) {
          return size() > CALLS_MAX;
        }
      };

  Bill(Clock clock) {
    this.clock = clock;
  }

  synchronized BillEntry open(String id, SandboxModel model, BillEntry.Order order) {
    BillEntry entry = new BillEntry(id, model, order, clock);
    entries.put(id, entry);
    return entry;
  }

  /// @param id as in the answer's `inference-id`
  public synchronized @Nullable BillEntry find(String id) {
    return entries.get(id);
  }

  /// All calls, the oldest first.
  public synchronized List<BillEntry> all() {
    return List.copyOf(entries.values());
  }

  /// The sum of all charges.
  public long costNanoUsd() {
    return all().stream().mapToLong(BillEntry::costNanoUsd).reduce(0, Math::addExact);
  }
}
