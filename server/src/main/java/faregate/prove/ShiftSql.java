package faregate.prove;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/// A clock for one database that can be set: a function of its own stands before the server's.
final class ShiftSql {
  private ShiftSql() {}

  /// Makes it. Sessions that begin after this see the function instead of the server's.
  static void prepare(Connection connection, String database) throws SQLException {
    List<String> statements =
        List.of(
            "CREATE SCHEMA shifted",
            "CREATE TABLE shifted.clock_shift (micros BIGINT NOT NULL)",
            "INSERT INTO shifted.clock_shift VALUES (0)",
            """
            CREATE FUNCTION shifted.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS
            'SELECT pg_catalog.clock_timestamp()
              + (SELECT micros FROM shifted.clock_shift) * interval ''1 microsecond'''
            """,
            "ALTER DATABASE \"" + database + "\" SET search_path = public, shifted, pg_catalog");
    try (Statement statement = connection.createStatement()) {
      for (String each : statements) {
        statement.execute(each);
      }
    }
  }

  static void make(Connection connection, String database) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("CREATE DATABASE " + database);
    }
  }

  static void set(Connection connection, long micros) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.executeUpdate("UPDATE shifted.clock_shift SET micros = " + micros);
    }
  }
}
