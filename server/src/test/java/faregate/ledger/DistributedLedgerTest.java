package faregate.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import faregate.id.WalletId;
import faregate.kit.Clock;
import faregate.ledger.Ledger.CallRef;
import faregate.store.PostgresServers;
import faregate.store.PostgresSettings;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The ledger's tables in partitions by bucket, as a distributed database has them.
class DistributedLedgerTest {
  private final PostgresSettings settings = PostgresServers.shared(PostgresServers.NEW).database();

  @ParameterizedTest
  @EnumSource(names = "WHOLE", mode = EnumSource.Mode.EXCLUDE)
  void twoNodesKeepTheBooksOnTablesInParts(Layout layout) {
    layout.lay(settings);
    LedgerSettings distributed = LedgerSettings.DEFAULT.spread();
    try (PostgresStore one = new PostgresStore(settings, Clock.system());
        PostgresStore two = new PostgresStore(settings, Clock.system());
        Rig first = new Rig(one, Clock.system(), distributed);
        Rig second = new Rig(two, Clock.system(), distributed)) {
      WalletId hot = first.walletWith(50_000);
      List<WalletId> wallets = new ArrayList<>(List.of(hot));
      for (int i = 0; i < 20; i++) {
        wallets.add(first.walletWith(50_000));
      }
      List<CompletableFuture<HoldOutcome>> holds = new ArrayList<>();
      List<CallRef> calls = new ArrayList<>();
      for (int i = 0; i < 600; i++) {
        Rig rig = i % 2 == 0 ? first : second;
        WalletId wallet = i % 3 == 0 ? hot : wallets.get(i % wallets.size());
        HoldCommand command = rig.command(rig.newCall(), wallet, 1000, 0);
        holds.add(rig.holdLater(command));
        calls.add(new CallRef(command.id(), wallet));
      }
      int settled = 0;
      for (int i = 0; i < holds.size(); i++) {
        if (Rig.await(holds.get(i)) instanceof HoldOutcome.Held) {
          assertThat((i % 2 == 0 ? first : second).settle(calls.get(i), 700))
              .isInstanceOf(EndOutcome.Ended.class);
          settled++;
        }
      }
      assertThat(settled).isGreaterThan(400);
      assertThat(first.ledger.audit().posted().value()).isEqualTo(settled * 700L);
      assertThat(first.ledger.holdsOpen()).isZero();
      first.assertClean();
    }
  }

  /// With one plan for all buckets, the parts that are not needed fall away when it is run.
  @Test
  void eachHotStatementTouchesOnePart() throws SQLException {
    Layout.SPREAD.lay(settings);
    try (Connection connection = PostgresStore.connect(settings);
        Statement statement = connection.createStatement()) {
      SharedSql.prepare(connection);
      for (String sql : SharedWriterSql.hotStatements(true)) {
        String plan = new Plan(statement, sql).explained();
        assertThat(partsTouched(plan)).as(plan).isEqualTo(1);
      }
    }
  }

  private static long partsTouched(String plan) {
    return java.util.regex.Pattern.compile("(?:Scan|using \\S+) (?:on )?(?:\\w+_)(\\d) ")
        .matcher(plan)
        .results()
        .map(match -> match.group(1))
        .distinct()
        .count();
  }
}
