package faregate.ledger;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.StringJoiner;
import java.util.concurrent.atomic.AtomicInteger;

/// How PostgreSQL carries a statement out that was prepared once.
final class Plan {
  private static final AtomicInteger COUNT = new AtomicInteger();

  private final Statement statement;
  private final String call;

  /// Prepares it, and has its plan made.
  Plan(Statement statement, String sql) throws SQLException {
    this.statement = statement;
    String name = "plan" + COUNT.incrementAndGet();
    String numbered = sql.replace(";", "");
    for (int at = 1; numbered.contains("?"); at++) {
      numbered = numbered.replaceFirst("\\?", "\\$" + at);
    }
    statement.execute("PREPARE " + name + " AS " + numbered);
    this.call = "EXECUTE " + name + arguments(name);
    explained();
  }

  private String arguments(String name) throws SQLException {
    StringJoiner values = new StringJoiner(", ", " (", ")").setEmptyValue("");
    try (ResultSet types =
        statement.executeQuery(
            "SELECT unnest(parameter_types)::text FROM pg_prepared_statements WHERE name = '"
                + name
                + "'")) {
      while (types.next()) {
        String type = types.getString(1);
        String one = type.startsWith("bytea") || type.startsWith("text") ? "'x'" : "7";
        values.add(type.endsWith("[]") ? "ARRAY[" + one + "]::" + type : one);
      }
    }
    return values.toString();
  }

  /// Its plan as it is now.
  String explained() throws SQLException {
    StringBuilder plan = new StringBuilder();
    try (ResultSet row = statement.executeQuery("EXPLAIN " + call)) {
      while (row.next()) {
        plan.append(row.getString(1)).append('\n');
      }
    }
    return plan.toString();
  }
}
