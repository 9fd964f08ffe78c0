package faregate.ledger;

import faregate.store.PostgresSettings;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/// How the ledger's tables lie on a server, and how its transactions are kept apart.
enum Layout {
  /// As the migrations make them.
  WHOLE("read committed"),
  /// In partitions by bucket, as a distributed database has them.
  SPREAD("read committed"),
  /// The same on a database that knows no weaker isolation.
  SPREAD_SERIALIZABLE("serializable");

  static final List<String> TABLES =
      List.of(
          "lot",
          "hold",
          "finished",
          "transfer",
          "incident",
          "repeat",
          "closing",
          "closed",
          "fence");

  private static final int PARTITIONS = 4;

  private final String isolation;

  Layout(String isolation) {
    this.isolation = isolation;
  }

  boolean isSpread() {
    return this != WHOLE;
  }

  /// Makes each table anew, the same but in parts. The tables must be empty.
  void lay(PostgresSettings settings) {
    try (Connection connection = PostgresStore.connect(settings);
        Statement statement = connection.createStatement()) {
      if (isSpread()) {
        for (String table : TABLES) {
          spread(statement, table);
        }
      }
      statement.execute(
          "ALTER DATABASE \"%s\" SET default_transaction_isolation = '%s'"
              .formatted(settings.url().replaceFirst(".*/", ""), isolation));
    } catch (SQLException e) {
      throw new IllegalStateException("the tables cannot be laid " + this, e);
    }
  }

  private static void spread(Statement statement, String table) throws SQLException {
    statement.execute("ALTER TABLE " + table + " RENAME TO whole_" + table);
    statement.execute(
        "CREATE TABLE %s (LIKE whole_%s INCLUDING ALL) PARTITION BY HASH (bucket)"
            .formatted(table, table));
    for (int part = 0; part < PARTITIONS; part++) {
      statement.execute(
          "CREATE TABLE %s_%d PARTITION OF %s FOR VALUES WITH (MODULUS %d, REMAINDER %d)"
              .formatted(table, part, table, PARTITIONS, part));
    }
    statement.execute("DROP TABLE whole_" + table);
  }
}
