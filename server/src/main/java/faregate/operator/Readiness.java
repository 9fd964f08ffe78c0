package faregate.operator;

import faregate.catalog.Catalog;
import faregate.ledger.LedgerState;
import faregate.store.Standing;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/// Whether this node should be sent calls: the ledger can write, its database hears it and nobody
/// has declared it dead, tokens can be looked up, there is something to offer, and it is not on its
/// way out. Thread-safe; nothing blocks.
public final class Readiness {
  private static final String OK = "ok";

  private final Supplier<LedgerState> ledger;
  private final Supplier<Standing> standing;
  private final Supplier<String> identity;
  private final Catalog catalog;
  private volatile boolean draining;

  /// @param identity empty while tokens can be looked up, else what is wrong
  public Readiness(
      Supplier<LedgerState> ledger,
      Supplier<Standing> standing,
      Supplier<String> identity,
      Catalog catalog) {
    this.ledger = ledger;
    this.standing = standing;
    this.identity = identity;
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
    String trouble = standing.get().trouble();
    conditions.put("node", trouble.isEmpty() ? OK : trouble);
    String unknown = identity.get();
    conditions.put("identity", unknown.isEmpty() ? OK : unknown);
    conditions.put("catalog", catalog.current().models().isEmpty() ? "no model is loaded" : OK);
    conditions.put("accepting", draining ? "this node is stopping" : OK);
    return conditions;
  }

  /// Which node this is, and which kind of replication its database has.
  Standing standing() {
    return standing.get();
  }

  static boolean isReady(Map<String, String> conditions) {
    return conditions.values().stream().allMatch(OK::equals);
  }
}
