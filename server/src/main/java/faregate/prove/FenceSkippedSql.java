package faregate.prove;

import faregate.kit.Clock;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A writer's connection whose batches do not ask the fence, and on which a batch that made holds
/// comes a second time some seconds later, when those calls have ended. With the fence asked such a
/// batch changes nothing; without it their holds stand up again and stay. The writer's thread only.
final class FenceSkippedSql {
  private static final Logger LOG = LoggerFactory.getLogger(FenceSkippedSql.class);
  private static final String ASKED = "AND epoch = ? AND seq = ?";
  private static final String SKIPPED = "AND (epoch = ? OR 1 = 1) AND (seq = ? OR 1 = 1)";
  private static final long LATE_NANOS = 6_000_000_000L;

  private final Connection inner;
  private boolean skips;
  private final List<Written> open = new ArrayList<>();
  private List<Written> kept = List.of();
  private long keptNanos;

  private FenceSkippedSql(Connection inner) {
    this.inner = inner;
  }

  /// A parameter, as it was set.
  private record Setting(Method method, Object[] arguments) {}

  /// A statement that was carried out, with its rows of parameters.
  private record Written(String sql, List<List<Setting>> rows) {}

  static Connection around(Connection connection) {
    FenceSkippedSql skipped = new FenceSkippedSql(connection);
    return proxy(
        Connection.class,
        (method, arguments) ->
            method.getName().equals("prepareStatement") && arguments[0] instanceof String sql
                ? skipped.prepared(sql)
                : call(connection, method, arguments));
  }

  private PreparedStatement prepared(String sql) throws SQLException {
    String text = sql.replace(ASKED, SKIPPED);
    skips |= !text.equals(sql);
    PreparedStatement statement = inner.prepareStatement(text);
    Map<Integer, Setting> settings = new TreeMap<>();
    List<List<Setting>> rows = new ArrayList<>();
    return proxy(
        PreparedStatement.class,
        (method, arguments) -> {
          String name = method.getName();
          if (name.startsWith("set")
              && arguments.length >= 2
              && arguments[0] instanceof Integer at) {
            settings.put(at, new Setting(method, arguments));
          } else if (name.equals("addBatch")) {
            rows.add(List.copyOf(settings.values()));
          } else if (name.equals("clearBatch")) {
            rows.clear();
          }
          Object result = call(statement, method, arguments);
          if (name.startsWith("execute")) {
            written(text, rows.isEmpty() ? List.of(List.copyOf(settings.values())) : rows);
            rows.clear();
          }
          return result;
        });
  }

  private void written(String sql, List<List<Setting>> rows) throws SQLException {
    if (sql.startsWith("BEGIN") || sql.startsWith("ROLLBACK")) {
      open.clear();
    }
    open.add(new Written(sql, List.copyOf(rows)));
    if (!sql.contains("COMMIT")) {
      return;
    }
    if (!skips) {
      throw new SQLException("no statement asks the fence as '" + ASKED + "': nothing to sabotage");
    }
    long nanos = Clock.system().nanoTime();
    if (!kept.isEmpty() && nanos - keptNanos > LATE_NANOS) {
      List<Written> late = kept;
      kept = List.of();
      again(late);
    }
    if (kept.isEmpty() && has("INSERT INTO hold") && !has("INSERT INTO finished")) {
      kept = List.copyOf(open);
      keptNanos = nanos;
    }
    open.clear();
  }

  private boolean has(String part) {
    return open.stream().anyMatch(each -> each.sql.contains(part));
  }

  private void again(List<Written> batch) {
    try {
      for (Written each : batch) {
        try (PreparedStatement statement = inner.prepareStatement(each.sql)) {
          for (List<Setting> row : each.rows) {
            for (Setting setting : row) {
              setting.method.invoke(statement, setting.arguments);
            }
            statement.execute();
          }
        }
      }
      LOG.warn("a batch came a second time and was written");
    } catch (SQLException | ReflectiveOperationException e) {
      LOG.warn("a batch came a second time and was not written: {}", String.valueOf(e.getCause()));
      rollBack();
    }
  }

  private void rollBack() {
    try (PreparedStatement statement = inner.prepareStatement("ROLLBACK")) {
      statement.execute();
    } catch (SQLException e) {
      LOG.debug("there was nothing to roll back", e);
    }
  }

  private interface Calling {
    @Nullable Object call(Method method, Object[] arguments) throws Throwable;
  }

  private static <T> T proxy(Class<T> type, Calling calling) {
    return type.cast(
        Proxy.newProxyInstance(
            FenceSkippedSql.class.getClassLoader(),
            new Class<?>[] {type},
            (_, method, arguments) ->
                calling.call(method, arguments == null ? new Object[0] : arguments)));
  }

  private static @Nullable Object call(Object target, Method method, Object[] arguments)
      throws Throwable {
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }
}
