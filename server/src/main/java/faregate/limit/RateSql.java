package faregate.limit;

import org.jdbi.v3.core.Handle;

/// The rows that the library keeps of shared bounds.
final class RateSql {
  private RateSql() {}

  /// Removes counts whose window was over before a moment.
  ///
  /// @return how many
  static int sweep(Handle handle, long beforeMillis, int most) {
    return handle
        .createUpdate(
            """
            DELETE FROM rate_bucket WHERE expires_at < :before AND id IN (
              SELECT id FROM rate_bucket WHERE expires_at < :before LIMIT :most)
            """)
        .bind("before", beforeMillis)
        .bind("most", most)
        .execute();
  }
}
