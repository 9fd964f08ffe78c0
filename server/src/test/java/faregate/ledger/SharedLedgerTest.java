package faregate.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import faregate.id.CallId;
import faregate.id.LotId;
import faregate.id.WalletId;
import faregate.kit.Clock;
import faregate.kit.ReservedIds;
import faregate.ledger.Ledger.CallRef;
import faregate.money.Nanos;
import faregate.store.LineBetween;
import faregate.store.LineBetween.Fault;
import faregate.store.PostgresServers;
import faregate.store.PostgresSettings;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Two nodes on one PostgreSQL, of each release, with all that can come between them.
@ParameterizedClass
@ValueSource(strings = {PostgresServers.OLD, PostgresServers.NEW})
class SharedLedgerTest {
  private final PostgresServers servers;
  private final PostgresSettings settings;
  private PostgresStore firstStore;
  private PostgresStore secondStore;
  private Rig first;
  private Rig second;

  SharedLedgerTest(String release) {
    servers = PostgresServers.shared(release);
    settings = servers.database();
  }

  @BeforeEach
  void open() {
    firstStore = new PostgresStore(settings, Clock.system());
    secondStore = new PostgresStore(settings, Clock.system());
    first = new Rig(firstStore, Clock.system(), LedgerSettings.DEFAULT);
    second = new Rig(secondStore, Clock.system(), LedgerSettings.DEFAULT);
  }

  @AfterEach
  void close() {
    first.assertClean();
    first.close();
    second.close();
    firstStore.close();
    secondStore.close();
  }

  @Test
  void credit137Holds137Of4096AtOnceOnTwoNodes() {
    WalletId wallet = first.walletWith(137_000);
    List<CompletableFuture<HoldOutcome>> holds = new ArrayList<>();
    for (int i = 0; i < 4096; i++) {
      Rig rig = i % 2 == 0 ? first : second;
      holds.add(rig.holdLater(rig.command(rig.newCall(), wallet, 1000, 0)));
    }
    long held = holds.stream().map(Rig::await).filter(HoldOutcome.Held.class::isInstance).count();
    assertThat(held).isEqualTo(137);
    assertThat(first.only(wallet, LedgerReads.Lot::pending)).isEqualTo(137_000);
  }

  /// Who waits here is served by what ends there.
  @Test
  void theLineIsServedByTheOtherNode() {
    WalletId wallet = first.walletWith(100);
    CallRef open = first.held(wallet, 100);
    var waiting = second.holdLater(second.command(second.newCall(), wallet, 60, 20_000));
    second.turn();
    assertThat(waiting).isNotDone();
    first.settle(open, 10);
    assertThat(waiting).succeedsWithin(Duration.ofSeconds(2)).isInstanceOf(HoldOutcome.Held.class);
  }

  @Test
  void whatIsRememberedRefusesNobodyAndSpendsNothingTwice() {
    WalletId wallet = first.walletWith(100);
    second.held(wallet, 100);
    first.grant(wallet, LotKind.PURCHASED, 50, 0, Long.MAX_VALUE, "more");
    assertThat(second.hold(second.newCall(), wallet, 50)).isInstanceOf(HoldOutcome.Held.class);
    assertThat(first.hold(first.newCall(), wallet, 1)).isInstanceOf(HoldOutcome.StillHeld.class);
    WalletId other = first.walletWith(100);
    second.settle(second.held(other, 10), 10);
    first.settle(first.held(other, 90), 90);
    assertThat(second.hold(second.newCall(), other, 1))
        .isEqualTo(new HoldOutcome.Refused(Nanos.ZERO, Nanos.of(1), null));
  }

  @Test
  void aLotOfEachNodeIsUsedInOrder() {
    WalletId wallet = first.newWallet();
    first.grant(wallet, LotKind.PURCHASED, 100, 0, Long.MAX_VALUE, "bought");
    second.settle(second.held(wallet, 10), 10);
    first.grant(wallet, LotKind.GRANT, 30, 0, Long.MAX_VALUE, "granted");
    // The second node does not know of the grant; what it holds is then within one lot all the
    // same.
    second.settle(second.held(wallet, 20), 20);
    CallRef spanning = second.held(wallet, 90);
    second.settle(spanning, 90);
    assertThat(first.ledger.lots(wallet).stream().mapToLong(lot -> lot.posted().value()).sum())
        .isEqualTo(120);
  }

  /// What two nodes give at once is given once, and both are told which lot it is.
  @Test
  void aGrantOfBothNodesAtOnceIsOneLot() {
    for (int round = 0; round < 300; round++) {
      WalletId wallet = first.newWallet();
      GrantCommand command =
          new GrantCommand(
              wallet, LotKind.LIMIT, Nanos.of(5), 0, Long.MAX_VALUE, "the month", "a test");
      List<CompletableFuture<GrantOutcome>> outcomes = new ArrayList<>();
      for (Rig rig : List.of(first, second, first, second)) {
        CompletableFuture<GrantOutcome> outcome = new CompletableFuture<>();
        rig.ledger.grant(command, Reply.future(outcome));
        outcomes.add(outcome);
      }
      assertThat(outcomes)
          .extracting(outcome -> lotOf(Rig.await(outcome)))
          .as("in round %d", round)
          .containsOnly(lotOf(Rig.await(outcomes.getFirst())));
    }
  }

  private static LotId lotOf(GrantOutcome outcome) {
    return switch (outcome) {
      case GrantOutcome.Granted(LotId lot) -> lot;
      case GrantOutcome.GrantedBefore(LotId lot) -> lot;
      default -> throw new AssertionError("not given: " + outcome);
    };
  }

  /// Of two sizes that two nodes set at once the later counts, also where it is what stood before
  /// and so changes nothing: the earlier one, which has to wait for the lot, must not come after
  /// it.
  @Test
  void theLaterOfTwoSizesCountsAlsoWhereItIsTheOldOne() throws Exception {
    WalletId wallet = first.walletWith(1);
    LotId limit = first.limit(wallet, 100);
    Rig.await(resizeLater(first, wallet, limit, 100, 0));
    CompletableFuture<ResizeOutcome> earlier;
    CompletableFuture<ResizeOutcome> later;
    try (Connection connection = PostgresStore.connect(settings);
        Statement session = connection.createStatement()) {
      session.execute("BEGIN; SELECT 1 FROM lot WHERE id = " + limit.value() + " FOR UPDATE");
      earlier = resizeLater(first, wallet, limit, 50, 1);
      Thread.sleep(30);
      later = resizeLater(second, wallet, limit, 100, 2);
      Thread.sleep(30);
      session.execute("COMMIT");
    }
    Rig.await(earlier);
    Rig.await(later);
    assertThat(first.ledger.lots(wallet))
        .filteredOn(lot -> lot.id().equals(limit))
        .extracting(LedgerReads.Lot::granted)
        .containsExactly(Nanos.of(100));
  }

  private static CompletableFuture<ResizeOutcome> resizeLater(
      Rig rig, WalletId wallet, LotId lot, long size, long number) {
    CompletableFuture<ResizeOutcome> outcome = new CompletableFuture<>();
    rig.ledger.resize(
        ResizeCommand.inSeries(wallet, lot, Nanos.of(size), "size", number, "a test"),
        Reply.future(outcome));
    return outcome;
  }

  /// Books are added up while both nodes write and one of them closes calls: each look is at one
  /// moment, and finds no part of what moves.
  @Test
  void theAuditIsCleanWhileAllIsInMotion() throws Exception {
    List<WalletId> wallets = List.of(first.walletWith(1_000_000), first.walletWith(1_000_000));
    Map<Long, Long> seen = new HashMap<>();
    first.ledger.fences().forEach(fence -> seen.put(fence, Long.MAX_VALUE));
    AtomicLong ended = new AtomicLong();
    AtomicBoolean over = new AtomicBoolean();
    List<Future<?>> running = new ArrayList<>();
    try (ExecutorService all = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int caller = 0; caller < 16; caller++) {
        Rig rig = caller % 2 == 0 ? first : second;
        WalletId wallet = wallets.get(caller / 2 % 2);
        running.add(
            all.submit(
                () -> {
                  for (long charge = 0; !over.get(); charge = (charge + 1) % 5) {
                    CallRef call = rig.held(wallet, 5);
                    rig.settle(call, charge);
                    if (charge == 2) {
                      rig.adjust(call, 1, 1);
                    }
                    ended.incrementAndGet();
                  }
                }));
      }
      running.add(
          all.submit(
              () -> {
                while (!over.get()) {
                  long until = ReservedIds.madeMicros(second.newCall().value());
                  second.ledger.closeCalls(until, seen, (_, _) -> {}, () -> true);
                }
              }));
      try {
        look(25);
      } finally {
        over.set(true);
      }
      for (Future<?> each : running) {
        each.get(30, TimeUnit.SECONDS);
      }
    }
    assertThat(first.ledger.audit())
        .satisfies(
            report -> assertThat(report.closed() + report.finished()).isEqualTo(ended.get()));
  }

  /// Audits so many times, and on until calls have been closed.
  private void look(int least) {
    long began = System.nanoTime();
    long closed = 0;
    for (int look = 0; look < least || closed == 0; look++) {
      LedgerReads.AuditReport report = first.ledger.audit();
      assertThat(report.wrong()).as("at look %d", look).isNull();
      closed = report.closed();
      assertThat(System.nanoTime() - began).isLessThan(TimeUnit.SECONDS.toNanos(60));
    }
  }

  /// Two that close at once, while bills change some of what is closed.
  @Test
  void callsAreClosedOnceByTwoNodesWhileBillsComeIn() throws Exception {
    WalletId wallet = first.walletWith(100_000);
    List<CallRef> calls = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      CallRef call = first.held(wallet, 20);
      first.settle(call, 10);
      calls.add(call);
    }
    Map<Long, Long> seen = new HashMap<>();
    first.ledger.fences().forEach(fence -> seen.put(fence, Long.MAX_VALUE));
    long until = ReservedIds.madeMicros(first.newCall().value()) + 1_000_000;
    List<CompletableFuture<AdjustOutcome>> bills = new ArrayList<>();
    AtomicLong gone = new AtomicLong();
    try (ExecutorService both = Executors.newFixedThreadPool(2)) {
      for (Rig rig : List.of(first, second)) {
        both.execute(
            () -> {
              SqlLedger.Closed closed =
                  rig.ledger.closeCalls(until, seen, (_, _) -> {}, () -> true);
              gone.addAndGet(closed.calls());
            });
      }
      for (int i = 0; i < calls.size(); i++) {
        bills.add((i % 2 == 0 ? first : second).adjustLater(calls.get(i), 1, i % 3 * 7L));
      }
    }
    long charged = 10L * calls.size();
    for (CompletableFuture<AdjustOutcome> bill : bills) {
      if (Rig.await(bill) instanceof AdjustOutcome.Adjusted adjusted) {
        charged += adjusted.charge().value() - 10;
      }
    }
    assertThat(gone.get()).isEqualTo(calls.size());
    assertThat(first.only(wallet, LedgerReads.Lot::posted)).isEqualTo(charged);
    assertThat(first.ledger.audit().closed()).isEqualTo(calls.size());
  }

  /// A bill that both nodes were told, each a little later than it says itself: whichever comes
  /// second decides on what the first made of the call.
  @ParameterizedTest
  @ValueSource(longs = {60, 90})
  void twoNodesThatAdjustTheSameCallsDoNotAddUp(long bill) {
    int calls = 200;
    WalletId wallet = first.walletWith(calls * 100L);
    List<CallRef> settled = new ArrayList<>();
    for (int i = 0; i < calls; i++) {
      settled.add(first.held(wallet, 100));
    }
    settled.stream()
        .map(call -> first.settleLater(settlement(call, bill == 60 ? 100 : 20)))
        .toList()
        .forEach(Rig::await);
    List<CompletableFuture<AdjustOutcome>> adjusting = new ArrayList<>();
    for (CallRef call : settled) {
      adjusting.add(first.adjustLater(call, 1000, bill));
      adjusting.add(second.adjustLater(call, 1001, bill));
    }
    assertThat(adjusting.stream().map(Rig::await))
        .allSatisfy(
            outcome ->
                assertThat(outcome)
                    .isInstanceOfAny(AdjustOutcome.Adjusted.class, AdjustOutcome.Stale.class));
    assertThat(first.only(wallet, LedgerReads.Lot::posted)).isEqualTo(calls * bill);
    first.assertClean();
  }

  @Test
  void aSessionThatSitsOnAWalletHoldsUpNoOther() throws SQLException {
    WalletId contested = first.walletWith(1000);
    CallRef open = first.held(contested, 10);
    WalletId other = first.walletWith(1_000_000);
    try (Connection sitting = PostgresStore.connect(settings)) {
      sitOn(sitting, contested);
      var waiting = first.holdLater(first.command(first.newCall(), contested, 10, 20_000));
      var settling = first.settleLater(settlement(open, 5));
      long worst = 0;
      long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(1200);
      while (System.nanoTime() < until) {
        long start = System.nanoTime();
        first.settle(first.held(other, 5), 5);
        worst = Math.max(worst, System.nanoTime() - start);
      }
      assertThat(TimeUnit.NANOSECONDS.toMillis(worst)).isLessThan(500);
      assertThat(waiting).isNotDone();
      assertThat(settling).isNotDone();
      sitting.commit();
      assertThat(Rig.await(waiting)).isInstanceOf(HoldOutcome.Held.class);
      assertThat(Rig.await(settling)).isInstanceOf(EndOutcome.Ended.class);
    }
  }

  @Test
  void aDeadNodeIsRecoveredOnceByTwoAndTheZombieWritesNothing() {
    WalletId wallet = first.walletWith(1000);
    List<CallRef> calls = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      calls.add(first.held(wallet, 10));
    }
    first.ledger.mark(calls.getFirst(), Nanos.of(4), Rig.FACTS);
    first.turn();
    int dead = firstStore.database.node();
    CompletableFuture<Void> one = CompletableFuture.runAsync(() -> recover(dead));
    CompletableFuture<Void> two = CompletableFuture.runAsync(() -> recover(dead));
    await().until(() -> one.isDone() && two.isDone());
    assertThat(one.isCompletedExceptionally() && two.isCompletedExceptionally()).isFalse();
    recover(dead);
    assertThat(second.only(wallet, LedgerReads.Lot::pending)).isZero();
    assertThat(second.only(wallet, LedgerReads.Lot::posted)).isEqualTo(4);
    assertThat(second.ending(calls.getFirst()))
        .isEqualTo(new Ending(Nanos.of(4), true, Ending.POSTED));
    assertThat(second.ending(calls.getLast()).reason()).isEqualTo("recovery");
    assertThat(second.ledger.audit().exposure()).isEqualTo(Nanos.of(496));

    assertThat(first.settle(calls.get(7), 10)).isInstanceOf(EndOutcome.Unavailable.class);
    assertThat(second.only(wallet, LedgerReads.Lot::posted)).isEqualTo(4);
    await().until(() -> first.ledger.state().canWrite());
    assertThat(firstStore.database.node()).isNotEqualTo(dead);
    assertThat(first.settle(calls.get(7), 10)).isInstanceOf(EndOutcome.EndedBefore.class);
    first.settle(first.held(wallet, 10), 3);
  }

  private void recover(int dead) {
    second.ledger.recover(dead, secondStore.beat(dead));
  }

  @Test
  void aNodeWhoseBeatMovedIsNotRecovered() {
    CallRef call = first.held(first.walletWith(100), 10);
    second.ledger.recover(firstStore.database.node(), -1);
    assertThat(first.settle(call, 10)).isInstanceOf(EndOutcome.Ended.class);
  }

  /// The batch was on its way when the wire was cut: it is answered as it turns out, once.
  @ParameterizedTest
  @EnumSource(names = "NONE", mode = EnumSource.Mode.EXCLUDE)
  void aBatchOnACutWireIsAnsweredAsItTurnedOut(Fault fault) throws Exception {
    try (LineBetween line = new LineBetween(servers.port())) {
      try (PostgresStore store = new PostgresStore(line.through(settings), Clock.system());
          Rig rig = new Rig(store, Clock.system(), LedgerSettings.DEFAULT)) {
        WalletId wallet = rig.walletWith(1000);
        CallRef open = rig.held(wallet, 100);
        CompletableFuture<EndOutcome> settle;
        CompletableFuture<HoldOutcome> hold;
        CallId id = rig.newCall();
        try (LedgerStore.Stall _ = store.stall()) {
          settle = rig.settleLater(settlement(open, 30));
          HoldCommand command = rig.command(id, wallet, 10, 0);
          hold =
              rig.holdLater(
                  new HoldCommand(
                      command.id(),
                      wallet,
                      List.of(),
                      command.least(),
                      command.wish(),
                      command.most(),
                      command.deadlineMicros(),
                      0,
                      "marked-on-the-wire"));
          line.next(fault, "marked-on-the-wire");
        }
        assertThat(Rig.await(settle))
            .isEqualTo(new EndOutcome.Ended(new Ending(Nanos.of(30), false, Ending.POSTED)));
        assertThat(Rig.await(hold)).isInstanceOf(HoldOutcome.Held.class);
        assertThat(line.hasKept()).isEqualTo(fault == Fault.DELAYED);
        line.deliver();
        assertThat(rig.settle(new CallRef(id, wallet), 7)).isInstanceOf(EndOutcome.Ended.class);
        assertThat(rig.only(wallet, LedgerReads.Lot::posted)).isEqualTo(37);
        await().during(Duration.ofMillis(200)).until(() -> rig.ledger.holdsOpen() == 0);
        rig.assertClean();
      }
    }
  }

  /// What was set aside, since its lots were locked, was no part of the batch that was cut: it is
  /// carried out once they are free, whatever became of the others.
  @ParameterizedTest
  @EnumSource(names = "NONE", mode = EnumSource.Mode.EXCLUDE)
  void whatWasSetAsideOutlivesABatchOnACutWire(Fault fault) throws Exception {
    try (LineBetween line = new LineBetween(servers.port());
        PostgresStore store = new PostgresStore(line.through(settings), Clock.system());
        Rig rig = new Rig(store, Clock.system(), LedgerSettings.DEFAULT);
        Connection onOne = PostgresStore.connect(settings);
        Connection onOther = PostgresStore.connect(settings)) {
      WalletId one = rig.walletWith(1000);
      WalletId other = rig.walletWith(1000);
      CallRef ofOne = rig.held(one, 10);
      CallRef ofOther = rig.held(other, 10);
      sitOn(onOne, one);
      sitOn(onOther, other);
      var settleOne = rig.settleLater(settlement(ofOne, 5));
      var holdOne = rig.holdLater(rig.command(rig.newCall(), one, 10, 20_000));
      var settleOther =
          rig.settleLater(
              new SettleCommand(
                  ofOther,
                  Nanos.of(6),
                  Nanos.ZERO,
                  Nanos.ZERO,
                  false,
                  "marked-on-the-wire".getBytes(StandardCharsets.US_ASCII)));
      await().until(() -> rig.ledger.state().unwritten() == 3);
      line.next(fault, "marked-on-the-wire");
      onOther.commit();
      assertThat(Rig.await(settleOther)).isInstanceOf(EndOutcome.Ended.class);
      assertThat(settleOne).isNotDone();
      assertThat(holdOne).isNotDone();
      onOne.commit();
      assertThat(Rig.await(settleOne)).isInstanceOf(EndOutcome.Ended.class);
      assertThat(Rig.await(holdOne)).isInstanceOf(HoldOutcome.Held.class);
      line.deliver();
      assertThat(rig.only(one, LedgerReads.Lot::posted)).isEqualTo(5);
      assertThat(rig.only(other, LedgerReads.Lot::posted)).isEqualTo(6);
    }
  }

  /// It had joined the line, of which no row tells, when the wire was cut: it is answered once.
  @Test
  void aHoldThatWaitsInLineAndWasCutIsAnsweredOnce() throws Exception {
    try (PostgresStore store = new PostgresStore(settings, Clock.system());
        Connection sitting = PostgresStore.connect(settings)) {
      UnsureCommits wire = new UnsureCommits(store.database.lane());
      Rig rig = new Rig(store, Clock.system(), LedgerSettings.DEFAULT);
      WalletId wallet = rig.walletWith(100);
      CallRef open = rig.held(wallet, 60);
      sitOn(sitting, wallet);
      List<HoldOutcome> told = new CopyOnWriteArrayList<>();
      CallRef late = new CallRef(rig.newCall(), wallet);
      rig.ledger.hold(
          rig.command(late.id(), wallet, 40, 20_000), new Reply<>(Runnable::run, told::add));
      await().until(() -> rig.ledger.state().unwritten() == 1);
      try (Statement statement = sitting.createStatement()) {
        statement.execute("UPDATE lot SET posted = 10 WHERE wallet = " + wallet.value());
      }
      try (LedgerStore.Stall _ = store.stall()) {
        sitting.commit();
        wire.failOnce("ROLLBACK", "08006");
      }
      await().until(() -> wire.hasFailed() && rig.ledger.state().unwritten() == 0);
      assertThat(told).isEmpty();
      assertThat(rig.settle(open, 0)).isInstanceOf(EndOutcome.Ended.class);
      await().until(() -> !told.isEmpty());
      await().during(Duration.ofMillis(300)).until(() -> told.size() == 1);
      assertThat(told.getFirst()).isInstanceOf(HoldOutcome.Held.class);
      assertThat(rig.settle(late, 40)).isInstanceOf(EndOutcome.Ended.class);
      assertThat(rig.only(wallet, LedgerReads.Lot::posted)).isEqualTo(50);
      try (Statement statement = sitting.createStatement()) {
        statement.execute("UPDATE lot SET posted = 40 WHERE wallet = " + wallet.value());
      }
      sitting.commit();
      rig.close();
    }
  }

  private static void sitOn(Connection connection, WalletId wallet) throws SQLException {
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      statement.execute("SELECT * FROM lot WHERE wallet = " + wallet.value() + " FOR UPDATE");
    }
  }

  private static SettleCommand settlement(CallRef call, long charge) {
    return new SettleCommand(call, Nanos.of(charge), Nanos.ZERO, Nanos.ZERO, false, Rig.FACTS);
  }
}
