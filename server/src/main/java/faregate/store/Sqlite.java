package faregate.store;

import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Map;
import org.flywaydb.core.Flyway;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteConfig.JournalMode;
import org.sqlite.SQLiteConfig.SynchronousMode;
import org.sqlite.SQLiteConfig.TransactionMode;
import org.sqlite.SQLiteConnection;
import org.sqlite.SQLiteDataSource;
import org.sqlite.SQLiteOpenMode;

/// How connections to a SQLite file are opened, and its tables made.
final class Sqlite {
  private static final int BUSY_MILLIS_MAX = 5000;

  /// Small on purpose. Each commit in which a page was split has SQLite look through its whole
  /// cache for pages beyond the end of the file; with 64 MiB that was a seventh of the write
  /// thread's time.
  private static final int WRITER_CACHE_KIB = 8 * 1024;

  /// Pages in the write-ahead log before they are copied back: 16 MiB, since each copying costs two
  /// more syncs.
  private static final int CHECKPOINT_PAGES = 4096;

  private Sqlite() {}

  static SQLiteConnection writer(Path file) throws SQLException {
    SQLiteConfig config = config();
    config.setTransactionMode(TransactionMode.IMMEDIATE);
    config.setCacheSize(-WRITER_CACHE_KIB);
    SQLiteConnection connection = (SQLiteConnection) config.createConnection(url(file));
    try (var statement = connection.createStatement()) {
      statement.execute("PRAGMA wal_autocheckpoint = " + CHECKPOINT_PAGES);
    }
    return connection;
  }

  static SQLiteConnection plain(Path file) throws SQLException {
    return (SQLiteConnection) config().createConnection(url(file));
  }

  /// A connection that refuses to write.
  static SQLiteConnection reader(Path file) throws SQLException {
    SQLiteConnection connection = plain(file);
    try (var statement = connection.createStatement()) {
      statement.execute("PRAGMA query_only = true");
    }
    return connection;
  }

  /// Brings the tables up to what this release needs.
  static void migrate(Path file) throws SQLException {
    try (SQLiteConnection connection = plain(file)) {
      if (!Migrations.isCurrent(connection)) {
        runFlyway(file);
        Migrations.noteCurrent(connection);
      }
    }
  }

  private static void runFlyway(Path file) {
    SQLiteDataSource source = new SQLiteDataSource(config());
    source.setUrl(url(file));
    Flyway.configure()
        .dataSource(source)
        .locations("classpath:db/migration")
        .placeholders(
            Map.of(
                "bigint", "INTEGER",
                "strict", " STRICT",
                "clustered", " STRICT, WITHOUT ROWID",
                "shard", "",
                "blob", "BLOB",
                "postgres", "-- "))
        // Each room numbers its own migrations in its own decade.
        .outOfOrder(true)
        .ignoreMigrationPatterns(Migrations.OF_NEWER_RELEASES)
        .load()
        .migrate();
  }

  private static SQLiteConfig config() {
    SQLiteConfig config = new SQLiteConfig();
    config.setOpenMode(SQLiteOpenMode.NOMUTEX);
    config.setJournalMode(JournalMode.WAL);
    config.setSynchronous(SynchronousMode.FULL);
    config.setBusyTimeout(BUSY_MILLIS_MAX);
    config.enforceForeignKeys(true);
    return config;
  }

  private static String url(Path file) {
    return "jdbc:sqlite:" + file;
  }
}
