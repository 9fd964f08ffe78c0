package faregate.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import faregate.id.CallId;
import faregate.id.WalletId;
import faregate.kit.Clock;
import faregate.kit.ReservedIds;
import faregate.ledger.Ledger.CallRef;
import faregate.money.Nanos;
import faregate.store.PostgresServers;
import faregate.store.PostgresSettings;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Ended calls in partitions by id, which is by the time at which they were asked for.
class TimedLedgerTest {
  private static final long HOUR_MICROS = 3_600_000_000L;
  private final PostgresSettings settings = PostgresServers.shared(PostgresServers.NEW).database();

  @Test
  void aPartitionWhoseCallsAreClosedCanBeDetached() throws Exception {
    long border = Clock.system().micros() + HOUR_MICROS;
    lay(ReservedIds.firstAt(border));
    try (PostgresStore store = new PostgresStore(settings, Clock.system());
        Rig rig = new Rig(store, Clock.system(), LedgerSettings.DEFAULT)) {
      WalletId wallet = rig.walletWith(1_000);
      CallRef open = rig.held(wallet, 10);
      List<CallRef> old = IntStream.range(0, 20).mapToObj(_ -> rig.held(wallet, 10)).toList();
      old.forEach(call -> rig.settle(call, 3));
      rig.adjust(old.getFirst(), 1, 8);
      charge(rig, new CallRef(new CallId(ReservedIds.firstAt(border) + 1), wallet), 4);

      assertThat(close(rig, border)).isEqualTo(20);
      rig.settle(open, 6);
      assertThat(rows("finished_old")).as("an open hold's end meets its partition").isOne();
      assertThat(close(rig, border)).isOne();
      assertThat(rows("finished_old")).isZero();
      store.execute("ALTER TABLE finished DETACH PARTITION finished_old; DROP TABLE finished_old");

      charge(rig, new CallRef(new CallId(ReservedIds.firstAt(border) + 2), wallet), 4);
      assertThat(rig.ledger.call(old.getFirst())).isEmpty();
      LedgerReads.AuditReport report = rig.ledger.audit();
      assertThat(report.wrong()).isNull();
      assertThat(report.closed()).isEqualTo(21);
      assertThat(report.posted()).isEqualTo(Nanos.of(20 * 3 + 5 + 6 + 2 * 4));
    }
  }

  private static void charge(Rig rig, CallRef call, long charge) {
    assertThat(rig.hold(call.id(), call.wallet(), 10)).isInstanceOf(HoldOutcome.Held.class);
    rig.settle(call, charge);
  }

  private static long close(Rig rig, long border) {
    Map<Long, Long> seen = new HashMap<>();
    rig.ledger.fences().forEach(fence -> seen.put(fence, Long.MAX_VALUE));
    return rig.ledger.closeCalls(border, seen, (_, _) -> {}, () -> true).calls();
  }

  private void lay(long id) throws SQLException {
    try (Connection connection = PostgresStore.connect(settings);
        Statement statement = connection.createStatement()) {
      statement.execute("ALTER TABLE finished RENAME TO whole");
      statement.execute("CREATE TABLE finished (LIKE whole INCLUDING ALL) PARTITION BY RANGE (id)");
      statement.execute(
          "CREATE TABLE finished_old PARTITION OF finished FOR VALUES FROM (MINVALUE) TO (%d)"
              .formatted(id));
      statement.execute(
          "CREATE TABLE finished_new PARTITION OF finished FOR VALUES FROM (%d) TO (MAXVALUE)"
              .formatted(id));
      statement.execute("DROP TABLE whole");
    }
  }

  private long rows(String table) throws SQLException {
    try (Connection connection = PostgresStore.connect(settings);
        Statement statement = connection.createStatement();
        var row = statement.executeQuery("SELECT count(*) FROM " + table)) {
      row.next();
      return row.getLong(1);
    }
  }
}
