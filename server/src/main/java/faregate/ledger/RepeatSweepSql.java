package faregate.ledger;

import java.util.List;
import org.jdbi.v3.core.Handle;

/// Removes keys of clients whose time is over. A few rows of one bucket at a time, so that nobody
/// waits for it.
final class RepeatSweepSql {
  private static final int AT_ONCE = 500;

  private RepeatSweepSql() {}

  static List<Integer> buckets(Handle handle, long nowMicros) {
    return handle
        .createQuery("SELECT DISTINCT bucket FROM repeat WHERE until <= :now")
        .bind("now", nowMicros)
        .mapTo(Integer.class)
        .list();
  }

  /// @return how many were removed; 0 when none is left
  static int sweep(Handle handle, int bucket, long nowMicros) {
    return handle
        .createUpdate(
            """
            DELETE FROM repeat WHERE bucket = :bucket AND until <= :now AND call IN (
              SELECT call FROM repeat WHERE bucket = :bucket AND until <= :now
              ORDER BY until LIMIT :most)
            """)
        .bind("bucket", bucket)
        .bind("now", nowMicros)
        .bind("most", AT_ONCE)
        .execute();
  }
}
