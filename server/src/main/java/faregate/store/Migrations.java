package faregate.store;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.zip.CRC32;

/// Knows without Flyway whether a database has every migration of this release, for Flyway's own
/// look takes a good part of a start. After each migration the file's `user_version` holds a
/// checksum of all migrations, names and contents.
final class Migrations {
  private static final String FOLDER = "/db/migration/";

  /// One file name a line. Flyway finds the files by itself; a test holds this list to them.
  private static final String INDEX = FOLDER + "index";

  /// Of a newer release that was here before: this one runs on what it left. Rooms number in their
  /// own decades, so Flyway takes such a file for a missing one as well as for a future one.
  static final String[] OF_NEWER_RELEASES = {"*:missing", "*:future"};

  private static final String TOPIC = "migrations";

  /// Begins the states of a connection that broke.
  private static final String CUT = "08";

  private Migrations() {}

  static boolean isCurrent(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("PRAGMA user_version")) {
      return row.next() && row.getInt(1) == checksum();
    }
  }

  static void noteCurrent(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA user_version = " + checksum());
    }
  }

  /// The same for a PostgreSQL, where a row of the bulletin holds the checksum.
  ///
  /// @throws SQLException when the server does not answer
  static boolean isNoted(Connection connection) throws SQLException {
    String sql = "SELECT number FROM bulletin WHERE topic = '" + TOPIC + "'";
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      return row.next() && row.getLong(1) == checksum();
    } catch (SQLException e) {
      if (String.valueOf(e.getSQLState()).startsWith(CUT)) {
        throw e;
      }
      return false;
    }
  }

  static void note(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          """
          INSERT INTO bulletin (topic, number) VALUES ('%s', %d)
          ON CONFLICT (topic) DO UPDATE SET number = excluded.number
          """
              .formatted(TOPIC, checksum()));
    }
  }

  static List<String> listed() {
    return new String(read(INDEX), StandardCharsets.UTF_8).lines().toList();
  }

  /// Never 0, which is what a new file has.
  private static int checksum() {
    CRC32 sum = new CRC32();
    for (String name : listed()) {
      sum.update(name.getBytes(StandardCharsets.UTF_8));
      sum.update(read(FOLDER + name));
    }
    return (int) sum.getValue() | 1;
  }

  private static byte[] read(String resource) {
    try (InputStream in = Migrations.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("the jar lacks " + resource + ": build it again");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + resource, e);
    }
  }
}
