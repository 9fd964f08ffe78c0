package faregate.prove;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;

/// Schemas of the proof's own in a PostgreSQL database: one for the gateways' tables, and one for a
/// clock that can be set, whose function stands before the server's.
final class SchemaSql {
  private static final String TABLES = "faregate_proof";
  private static final String CLOCK = "faregate_proof_clock";

  /// The search path of every session that is to see them.
  static final String PATH = TABLES + "," + CLOCK + ",pg_catalog";

  /// "faregate", as a number: two proofs at once would share the schemas.
  private static final long LOCK = 0x6661_7265_6761_7465L;

  private static final List<String> MAKE =
      List.of(
          "CREATE SCHEMA " + TABLES,
          "CREATE SCHEMA " + CLOCK,
          "CREATE TABLE " + CLOCK + ".clock_shift (micros BIGINT NOT NULL)",
          "INSERT INTO " + CLOCK + ".clock_shift VALUES (0)",
          """
          CREATE FUNCTION %s.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS
          'SELECT pg_catalog.clock_timestamp()
            + (SELECT micros FROM %s.clock_shift) * interval ''1 microsecond'''
          """
              .formatted(CLOCK, CLOCK));

  private static final List<String> DROP =
      List.of(
          "SET lock_timeout = '10s'",
          "DROP SCHEMA IF EXISTS " + TABLES + " CASCADE",
          "DROP SCHEMA IF EXISTS " + CLOCK + " CASCADE");

  private SchemaSql() {}

  /// Keeps other proofs off the database for as long as the connection lives.
  ///
  /// @return false when another proof is there
  static boolean reserve(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT pg_try_advisory_lock(" + LOCK + ")")) {
      row.next();
      return row.getBoolean(1);
    }
  }

  /// A table in the database that is not the proof's.
  static Optional<String> stranger(Connection connection) throws SQLException {
    String sql =
        """
        SELECT n.nspname || '.' || c.relname FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p') AND n.nspname NOT LIKE 'pg\\_%'
          AND n.nspname NOT IN ('information_schema', ?, ?)
        ORDER BY 1 LIMIT 1
        """;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, TABLES);
      statement.setString(2, CLOCK);
      try (ResultSet row = statement.executeQuery()) {
        return row.next() ? Optional.of(row.getString(1)) : Optional.empty();
      }
    }
  }

  /// Makes them empty, whatever an earlier proof that was killed left there.
  static void make(Connection connection) throws SQLException {
    drop(connection);
    execute(connection, MAKE);
  }

  static void drop(Connection connection) throws SQLException {
    execute(connection, DROP);
  }

  private static void execute(Connection connection, List<String> statements) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (String each : statements) {
        statement.execute(each);
      }
    }
  }

  /// Sets the clock.
  static void shift(Connection connection, long micros) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.executeUpdate("UPDATE " + CLOCK + ".clock_shift SET micros = " + micros);
    }
  }
}
