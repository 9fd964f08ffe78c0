package faregate.store;

import java.util.List;
import org.jdbi.v3.core.Handle;

/// What PostgreSQL says of its replicas.
final class ReplicationSql {
  static final String UNKNOWN = "cannot tell";

  private ReplicationSql() {}

  /// A user without `pg_monitor` sees that there are replicas, but not of which kind; a database
  /// that only speaks like PostgreSQL may not have the view at all.
  static String kind(Handle handle) {
    List<String> states =
        handle
            .createQuery("SELECT coalesce(sync_state, '') FROM pg_stat_replication")
            .mapTo(String.class)
            .list();
    if (states.isEmpty()) {
      return "none";
    }
    if (states.contains("sync") || states.contains("quorum")) {
      return "sync";
    }
    return states.contains("async") || states.contains("potential") ? "async" : UNKNOWN;
  }
}
