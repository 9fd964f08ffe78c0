package faregate.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import faregate.id.WalletId;
import faregate.kit.Clock;
import faregate.ledger.Ledger.CallRef;
import faregate.store.PostgresServers;
import faregate.store.PostgresSettings;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A copy of the database that had not got the latest commits takes its place, as when a replica is
/// promoted that was not waited for, or a backup is put back: the gate shuts.
class LedgerPromotionTest {
  private final PostgresServers servers = PostgresServers.shared(PostgresServers.NEW);
  private final PostgresSettings settings = servers.database();
  private final String name = settings.url().replaceFirst(".*/", "");

  /// @param knows whether the copy knows the node at all
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void batchesThatTheDatabaseForgotShutTheGateAndAreCounted(boolean knows) throws SQLException {
    if (!knows) {
      copy();
    }
    try (PostgresStore store = new PostgresStore(settings, Clock.system());
        Rig rig = new Rig(store, Clock.system(), LedgerSettings.DEFAULT)) {
      WalletId wallet = rig.walletWith(1000);
      CallRef open = rig.held(wallet, 100);
      if (knows) {
        copy();
        await().until(() -> rig.hold(rig.newCall(), wallet, 1) instanceof HoldOutcome.Held);
      }
      CallRef lost = rig.held(wallet, 50);
      rig.settle(open, 70);
      var waiting = rig.holdLater(rig.command(rig.newCall(), wallet, 900, 60_000));
      rig.turn();
      long forgotten = batches(name) - batches(name + "_copy");
      promote();

      HoldOutcome late = rig.hold(rig.newCall(), wallet, 10);
      assertThat(late).isInstanceOf(HoldOutcome.Unavailable.class);
      assertThat(Rig.await(waiting)).isInstanceOf(HoldOutcome.Unavailable.class);
      await().until(() -> rig.ledger.state().trouble().contains("forgotten"));
      assertThat(rig.ledger.state().trouble())
          .contains("forgotten " + forgotten + " batches", "Run audit");
      assertThat(rig.settle(lost, 5)).isInstanceOf(EndOutcome.Unavailable.class);
      assertThat(rig.ledger.holdsOpen()).isEqualTo(knows ? 1 : 0);
      assertThat(rig.ledger.state().holdsOpen()).isZero();
      assertThat(rig.ledger.call(lost)).isEmpty();
    }
  }

  private void copy() {
    away(name);
    servers.execute("CREATE DATABASE " + name + "_copy TEMPLATE " + name);
    servers.execute("ALTER DATABASE " + name + " ALLOW_CONNECTIONS true");
  }

  private void promote() {
    away(name);
    servers.execute("ALTER DATABASE " + name + " RENAME TO " + name + "_gone");
    servers.execute("ALTER DATABASE " + name + "_copy RENAME TO " + name);
  }

  private void away(String database) {
    servers.execute("ALTER DATABASE " + database + " ALLOW_CONNECTIONS false");
    servers.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '"
            + database
            + "'");
  }

  private long batches(String database) throws SQLException {
    String url = settings.url().replaceFirst("[^/]+$", database);
    try (Connection connection = DriverManager.getConnection(url, settings.user(), null);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT coalesce(sum(seq), 0) FROM fence")) {
      row.next();
      return row.getLong(1);
    }
  }
}
