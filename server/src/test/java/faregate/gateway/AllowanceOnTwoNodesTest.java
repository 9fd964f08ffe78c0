package faregate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import faregate.id.UserId;
import faregate.id.WalletId;
import faregate.identity.Limit;
import faregate.identity.MonthlyGrant;
import faregate.identity.Payer;
import faregate.identity.Tier;
import faregate.identity.TierSettings;
import faregate.kit.Clock;
import faregate.kit.RandomSource;
import faregate.kit.ShiftedClock;
import faregate.ledger.LedgerReads.Lot;
import faregate.ledger.SqlLedger;
import faregate.money.Nanos;
import faregate.store.Database;
import faregate.store.PostgresServers;
import faregate.store.PostgresSettings;
import faregate.usage.Usage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The month's lots where two nodes give them at once, the clock of one being wrong by weeks.
class AllowanceOnTwoNodesTest {
  private static final int PAYERS = 20;
  private static final long DAYS_AHEAD = 40;

  private record Node(Database database, SqlLedger ledger, Usage usage, Allowance allowance)
      implements AutoCloseable {
    static Node join(PostgresSettings settings, Clock clock) {
      Database database = Database.openPostgres(settings, clock, RandomSource.secure());
      SqlLedger ledger = SqlLedger.open(database, clock);
      Usage usage = new Usage(database, LedgerRows.of(ledger));
      MonthSpending spending = new MonthSpending(ledger, usage);
      return new Node(
          database, ledger, usage, new Allowance(ledger, TierSettings::standard, spending));
    }

    @Override
    public void close() {
      usage.close();
      ledger.close();
      database.close();
    }
  }

  @Test
  void eachLotIsThereOnceAndOfTheDatabasesMonth(@TempDir Path folder) throws Exception {
    Path shift = folder.resolve("shift");
    Files.writeString(shift, Long.toString(TimeUnit.DAYS.toMicros(DAYS_AHEAD)));
    PostgresSettings settings = PostgresServers.shared(PostgresServers.NEW).database();
    try (Node one = Node.join(settings, Clock.system());
        Node two = Node.join(settings, new ShiftedClock(shift))) {
      String month = MonthlyGrant.month(Clock.system().micros()).toString();
      List<Payer> payers = new ArrayList<>();
      List<CompletableFuture<Void>> given = new ArrayList<>();
      for (int number = 1; number <= PAYERS; number++) {
        Payer payer = organization(number);
        payers.add(payer);
        given.add(CompletableFuture.runAsync(() -> one.allowance().giveNow(payer)));
        given.add(CompletableFuture.runAsync(() -> two.allowance().giveNow(payer)));
      }
      for (CompletableFuture<Void> each : given) {
        each.get(30, TimeUnit.SECONDS);
      }
      for (Payer payer : payers) {
        String wallet = payer.wallet().toString();
        assertThat(shown(one.ledger().lots(payer.wallet())))
            .containsExactlyInAnyOrder(
                "grant:%s:%s 6000000000".formatted(wallet, month),
                "postpaid:%s:%s 7000000".formatted(wallet, month),
                "limit:%s:account:0:%s 5000000".formatted(wallet, month),
                "limit:%s:member:9:%s 3000000".formatted(wallet, month));
      }
      assertThat(one.ledger().audit().wrong()).isNull();
    }
  }

  @Test
  void anUpgradeIsGrantedOnce() throws Exception {
    PostgresSettings settings = PostgresServers.shared(PostgresServers.NEW).database();
    try (Node one = Node.join(settings, Clock.system());
        Node two = Node.join(settings, Clock.system())) {
      String month = MonthlyGrant.month(Clock.system().micros()).toString();
      for (int number = 1; number <= PAYERS; number++) {
        Payer free = user(number, Tier.FREE);
        one.allowance().giveNow(free);
        Payer pro = user(number, Tier.PRO);
        CompletableFuture<Void> here =
            CompletableFuture.runAsync(() -> one.allowance().giveNow(pro));
        two.allowance().giveNow(pro);
        here.get(30, TimeUnit.SECONDS);
        String base = "grant:%s:%s".formatted(pro.wallet(), month);
        assertThat(shown(two.ledger().lots(pro.wallet())))
            .containsExactlyInAnyOrder(base + " 100000000", base + ":pro 1900000000");
      }
      assertThat(one.ledger().audit().wrong()).isNull();
    }
  }

  private static Payer user(long number, Tier tier) {
    return new Payer(
        new UserId(number),
        "ann" + number,
        false,
        new WalletId(2_000 + number),
        tier,
        0,
        1,
        List.of());
  }

  private static Payer organization(long number) {
    return new Payer(
        new UserId(number),
        "acme" + number,
        true,
        new WalletId(1_000 + number),
        Tier.TEAM,
        0,
        3,
        List.of(
            new Limit(Limit.Scope.PAYG, 0, Nanos.of(7_000_000), 1),
            new Limit(Limit.Scope.ACCOUNT, 0, Nanos.of(5_000_000), 2),
            new Limit(Limit.Scope.MEMBER, 9, Nanos.of(3_000_000), 3)));
  }

  private static Set<String> shown(List<Lot> lots) {
    Set<String> shown =
        lots.stream()
            .map(lot -> lot.ref() + " " + lot.granted().value())
            .collect(Collectors.toSet());
    assertThat(shown).hasSameSizeAs(lots);
    return shown;
  }
}
