package faregate.operator;

import faregate.catalog.Catalog;
import faregate.ledger.LedgerState;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/// Whether this node should be sent calls: the ledger can write, there is something to offer, and
/// it is not on its way out. Thread-safe; nothing blocks.
public final class Readiness {
  private static final String OK = "ok";

  private final Supplier<LedgerState> ledger;
  private final Catalog catalog;
  private volatile boolean draining;

  public Readiness(Supplier<LedgerState> ledger, Catalog catalog) {
    this.ledger = ledger;
    this.catalog = catalog;
  }

  /// From now on it says no.
  public void drain() {
    draining = true;
  }

  /// Each condition, `ok` or what is wrong with it.
  Map<String, String> conditions() {
    Map<String, String> conditions = new LinkedHashMap<>();
    LedgerState state = ledger.get();
    conditions.put("ledger", state.canWrite() ? OK : state.trouble());
    conditions.put("catalog", catalog.current().models().isEmpty() ? "no model is loaded" : OK);
    conditions.put("accepting", draining ? "this node is stopping" : OK);
    return conditions;
  }

  static boolean isReady(Map<String, String> conditions) {
    return conditions.values().stream().allMatch(OK::equals);
  }
}
