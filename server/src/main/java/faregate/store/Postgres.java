package faregate.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.Properties;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;

/// How connections to a PostgreSQL are opened, and its tables made.
final class Postgres {
  private static final int RELEASE_MIN = 15;
  private static final int CONNECT_SECONDS_MAX = 3;

  /// A pooled session that waits for a row longer than this waits for a stopped process.
  private static final String LOCK_MAX = "3s";

  private static final String STATEMENT_MAX = "60s";
  private static final String IDLE_IN_TRANSACTION_MAX = "10s";

  /// Above what a living server takes to give up a statement, so only a dead peer is that silent.
  private static final int POOL_SILENCE_SECONDS_MAX = 65;

  /// What is asked at the start is answered at once by a server that answers at all.
  private static final int START_SILENCE_MILLIS_MAX = 10_000;

  /// The first logins load the driver's code: on a busy machine that takes seconds, and a node that
  /// gave up then would be started again by its supervisor to do no better.
  private static final int START_LOGIN_SECONDS_MAX = 10;

  private static final int POOL_WAIT_MILLIS_MAX = 5_000;
  private static final int LOOSE_WAIT_MILLIS_MAX = 2_000;
  private static final int LOOSE_SILENCE_SECONDS_MAX = 4;
  private static final String LOOSE_STATEMENT_MAX = "2s";

  private final PostgresSettings settings;
  private volatile int loginSecondsMax = START_LOGIN_SECONDS_MAX;

  Postgres(PostgresSettings settings) {
    this.settings = settings;
  }

  /// A connection of its own, for one thread that uses it all the time.
  ///
  /// @param silenceMillisMax after which silence of the server a call on it fails
  Connection open(String name, int silenceMillisMax) throws SQLException {
    return DriverManager.getConnection(
        settings.url(), properties(name, silenceMillisMax / 1000, loginSecondsMax));
  }

  /// From now on a login is one of many, and is to be quick. Those of pools always are: they try
  /// again.
  void started() {
    loginSecondsMax = CONNECT_SECONDS_MAX;
  }

  /// @param name how the sessions are called in `pg_stat_activity`
  HikariDataSource pool(String name, int size, boolean readOnly) {
    HikariConfig config = config(name, size, POOL_SILENCE_SECONDS_MAX);
    config.setMinimumIdle(1);
    config.setConnectionTimeout(POOL_WAIT_MILLIS_MAX);
    config.setValidationTimeout(POOL_WAIT_MILLIS_MAX / 2);
    config.setReadOnly(readOnly);
    config.setTransactionIsolation(
        readOnly ? "TRANSACTION_REPEATABLE_READ" : "TRANSACTION_READ_COMMITTED");
    config.setConnectionInitSql(bounds(LOCK_MAX, STATEMENT_MAX));
    return new HikariDataSource(config);
  }

  /// Sessions that do not wait for the disk: what they commit last may be lost in a crash of the
  /// server. Nor do they wait long for anything else, since a client waits for them.
  HikariDataSource loosePool(String name, int size) {
    HikariConfig config = config(name, size, LOOSE_SILENCE_SECONDS_MAX);
    config.setMinimumIdle(0);
    config.setConnectionTimeout(LOOSE_WAIT_MILLIS_MAX);
    config.setValidationTimeout(LOOSE_WAIT_MILLIS_MAX / 2);
    config.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
    config.setConnectionInitSql(
        bounds(LOOSE_STATEMENT_MAX, LOOSE_STATEMENT_MAX) + "; SET synchronous_commit = off");
    return new HikariDataSource(config);
  }

  private HikariConfig config(String name, int size, int silenceSecondsMax) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(settings.url());
    config.setDataSourceProperties(properties(name, silenceSecondsMax, CONNECT_SECONDS_MAX));
    config.setPoolName(name);
    config.setMaximumPoolSize(size);
    config.setInitializationFailTimeout(-1);
    return config;
  }

  private static String bounds(String lockMax, String statementMax) {
    return "SET lock_timeout = '%s'; SET statement_timeout = '%s'; SET idle_in_transaction_session_timeout = '%s'"
        .formatted(lockMax, statementMax, IDLE_IN_TRANSACTION_MAX);
  }

  private Properties properties(String name, int silenceSecondsMax, int loginSecondsMax) {
    Properties properties = new Properties();
    if (settings.user() != null) {
      properties.setProperty("user", settings.user());
    }
    if (settings.password() != null) {
      properties.setProperty("password", settings.password().reveal());
    }
    properties.setProperty("ApplicationName", "faregate " + name);
    properties.setProperty("connectTimeout", Integer.toString(CONNECT_SECONDS_MAX));
    properties.setProperty("loginTimeout", Integer.toString(loginSecondsMax));
    properties.setProperty("socketTimeout", Integer.toString(silenceSecondsMax));
    properties.setProperty("tcpKeepAlive", "true");
    return properties;
  }

  /// Looks whether the server can be used, and brings the tables up to what this release needs.
  ///
  /// @throws DatabaseUnusableException saying what is wrong and what to do
  void prepare() {
    try (Connection connection = open("start", START_SILENCE_MILLIS_MAX)) {
      refuseOld(connection);
      if (!Migrations.isNoted(connection)) {
        migrate();
        Migrations.note(connection);
      }
    } catch (SQLException e) {
      throw PostgresTrouble.of(settings, e);
    }
  }

  private static void refuseOld(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT version()")) {
      row.next();
      String version = row.getString(1);
      int release = connection.getMetaData().getDatabaseMajorVersion();
      boolean itself = version.startsWith("PostgreSQL") && !version.contains("-YB-");
      if (itself && release < RELEASE_MIN) {
        throw new DatabaseUnusableException(
            "The database server is PostgreSQL %d, which is too old: Faregate needs %d or newer. Upgrade it, or name another by --database."
                .formatted(release, RELEASE_MIN));
      }
    }
  }

  private void migrate() {
    try {
      Flyway.configure()
          .dataSource(
              settings.url(),
              settings.user(),
              settings.password() == null ? null : settings.password().reveal())
          .locations("classpath:db/migration")
          .placeholders(
              Map.of(
                  "bigint", "BIGINT",
                  "strict", "",
                  "clustered", "",
                  "shard", "bucket, ",
                  "blob", "BYTEA",
                  "postgres", ""))
          .outOfOrder(true)
          .ignoreMigrationPatterns(Migrations.OF_NEWER_RELEASES)
          .load()
          .migrate();
    } catch (FlywayException e) {
      throw PostgresTrouble.of(settings, e);
    }
  }
}
