package faregate.store;

import java.util.HashMap;
import java.util.Map;
import org.jdbi.v3.core.Handle;

/// The numbers of the notices.
final class BulletinSql {
  private BulletinSql() {}

  static Map<String, Long> numbers(Handle handle) {
    Map<String, Long> numbers = new HashMap<>();
    handle
        .createQuery("SELECT topic, number FROM bulletin")
        .map((row, _) -> Map.entry(row.getString(1), row.getLong(2)))
        .forEach(each -> numbers.put(each.getKey(), each.getValue()));
    return numbers;
  }

  /// @return the number after it
  static long post(Handle handle, String topic) {
    return handle
        .createQuery(
            """
            INSERT INTO bulletin (topic, number) VALUES (?, 1)
            ON CONFLICT (topic) DO UPDATE SET number = bulletin.number + 1 RETURNING number
            """)
        .bind(0, topic)
        .mapTo(Long.class)
        .one();
  }
}
