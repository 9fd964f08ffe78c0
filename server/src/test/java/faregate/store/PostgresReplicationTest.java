package faregate.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;
import org.postgresql.PGProperty;
import org.postgresql.replication.LogSequenceNumber;
import org.postgresql.replication.PGReplicationStream;

/// A promoted replica keeps what it was waited for: so a node tells which kind it sees.
class PostgresReplicationTest {

  @Test
  void theKindOfReplicationIsSeen() throws IOException, SQLException {
    try (EmbeddedPostgres server = PostgresServers.start(PostgresServers.NEW, 0)) {
      String url = server.getJdbcUrl("postgres", "postgres").replaceFirst("\\?.*", "");
      assertThat(seen(url)).isEqualTo("none");
      try (Connection standby = DriverManager.getConnection(url, standby());
          PGReplicationStream stream = follow(standby)) {
        assertThat(seen(url)).isEqualTo("async");
        execute(url, "ALTER SYSTEM SET synchronous_standby_names = 'standby'");
        execute(url, "SELECT pg_reload_conf()");
        Thread.ofVirtual().start(() -> confirm(stream));
        await().until(() -> seen(url).equals("sync"));
        execute(url, "ALTER SYSTEM RESET synchronous_standby_names");
        execute(url, "SELECT pg_reload_conf()");
      }
    }
  }

  /// As a node tells that has just looked.
  private static String seen(String url) throws SQLException {
    Membership.Connecting connecting =
        () -> DriverManager.getConnection(url + "?user=postgres&socketTimeout=5");
    try (org.jdbi.v3.core.Handle handle = org.jdbi.v3.core.Jdbi.open(connecting.open())) {
      return ReplicationSql.kind(handle);
    }
  }

  private static Properties standby() {
    Properties properties = new Properties();
    PGProperty.USER.set(properties, "postgres");
    PGProperty.APPLICATION_NAME.set(properties, "standby");
    PGProperty.REPLICATION.set(properties, "true");
    PGProperty.PREFER_QUERY_MODE.set(properties, "simple");
    PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "15");
    return properties;
  }

  private static PGReplicationStream follow(Connection standby) throws SQLException {
    return standby
        .unwrap(PGConnection.class)
        .getReplicationAPI()
        .replicationStream()
        .physical()
        .withStartPosition(LogSequenceNumber.valueOf("0/1000000"))
        .withStatusInterval(100, java.util.concurrent.TimeUnit.MILLISECONDS)
        .start();
  }

  /// Says of all that comes that it is durable.
  private static void confirm(PGReplicationStream stream) {
    try {
      while (!stream.isClosed()) {
        stream.readPending();
        LogSequenceNumber last = stream.getLastReceiveLSN();
        stream.setFlushedLSN(last);
        stream.setAppliedLSN(last);
        stream.forceUpdateStatus();
        Thread.sleep(Duration.ofMillis(20));
      }
    } catch (SQLException | InterruptedException _) {
      // The test is over.
    }
  }

  private static void execute(String url, String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url + "?user=postgres");
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
