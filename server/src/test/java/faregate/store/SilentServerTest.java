package faregate.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

/// A server, or the way to it, that keeps every connection open and says nothing: whoever waits for
/// it is told so in time, and nobody is needed when it speaks again. Some 12 s.
class SilentServerTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private final PostgresServers servers = PostgresServers.shared(PostgresServers.NEW);
  private final PostgresSettings direct = servers.database();

  private record Failure(Exception cause, Duration after) {}

  private interface Asking {
    void ask() throws SQLException;
  }

  @Test
  void everyoneWhoWaitsIsToldInTimeAndAllIsWellAfterwards() throws Exception {
    try (LineBetween line = new LineBetween(servers.port());
        LineBetween dyingAway = new LineBetween(servers.port());
        Database database = PostgresServers.open(line.through(direct))) {
      DataSource loose = database.looseConnections("limits", 2).orElseThrow();
      select(loose);
      line.silence();
      dyingAway.silenceIn("PostgreSQL 18");

      var quick = failing(() -> database.readQuickly(handle -> handle.execute("SELECT 1")));
      var loosely = failing(() -> select(loose));
      var starting = failing(() -> PostgresServers.open(line.through(direct)));
      var halfway = failing(() -> PostgresServers.open(dyingAway.through(direct)));
      await()
          .atMost(Duration.ofSeconds(8))
          .until(() -> database.standing().trouble().contains("not acknowledged a beat"));
      assertThat(Duration.ofNanos(database.unheardNanos())).isGreaterThan(Duration.ofSeconds(3));
      assertThat(told(quick).after()).isLessThan(Duration.ofSeconds(10));
      assertThat(told(loosely).after()).isLessThan(Duration.ofSeconds(8));
      for (Failure start : new Failure[] {told(starting), told(halfway)}) {
        assertThat(start.cause())
            .isInstanceOf(DatabaseUnusableException.class)
            .hasMessageContaining("does not answer");
        assertThat(start.after()).isLessThan(Duration.ofSeconds(13));
      }
      assertThat(dyingAway.isSilent()).isTrue();

      line.speak();
      await()
          .atMost(Duration.ofSeconds(8))
          .until(
              () ->
                  database.standing().trouble().isEmpty()
                      && database.unheardNanos() < TimeUnit.SECONDS.toNanos(1));
      assertThat(database.<Integer>readQuickly(handle -> handle.execute("SELECT 1"))).isNotNull();
      select(loose);
      assertThat(database.node()).isOne();
    }
  }

  /// Reports and the control plane's writes may take their minute, and no more.
  @Test
  void noConnectionWaitsForEver() throws SQLException {
    try (Database database = PostgresServers.open(direct);
        Connection ledgers = database.lane().session().another()) {
      Duration read = database.read(handle -> silenceMax(handle.getConnection()));
      Duration written = database.write(handle -> silenceMax(handle.getConnection()));
      assertThat(read).isEqualTo(Duration.ofSeconds(65)).isEqualTo(written);
      assertThat(silenceMax(ledgers)).isEqualTo(Duration.ofSeconds(7));
    }
  }

  private static Duration silenceMax(Connection connection) {
    try {
      return Duration.ofMillis(connection.getNetworkTimeout());
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void select(DataSource from) throws SQLException {
    try (Connection connection = from.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("SELECT 1");
    }
  }

  /// Asks on a thread of its own.
  private static CompletableFuture<Failure> failing(Asking asking) {
    CompletableFuture<Failure> failed = new CompletableFuture<>();
    long began = System.nanoTime();
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                asking.ask();
                failed.completeExceptionally(new AssertionError("it was answered"));
              } catch (SQLException | RuntimeException e) {
                failed.complete(new Failure(e, Duration.ofNanos(System.nanoTime() - began)));
              }
            });
    return failed;
  }

  private static Failure told(CompletableFuture<Failure> failing)
      throws InterruptedException, ExecutionException {
    return failing.orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).get();
  }
}
