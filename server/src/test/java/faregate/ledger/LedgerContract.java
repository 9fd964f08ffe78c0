package faregate.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import faregate.id.CallId;
import faregate.id.LotId;
import faregate.id.WalletId;
import faregate.kit.ReservedIds;
import faregate.ledger.HoldOutcome.Held;
import faregate.ledger.HoldOutcome.Overloaded;
import faregate.ledger.HoldOutcome.Refused;
import faregate.ledger.HoldOutcome.Repeated;
import faregate.ledger.HoldOutcome.StillHeld;
import faregate.ledger.Ledger.CallRef;
import faregate.money.Nanos;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What every ledger does, whatever database it is kept in.
abstract class LedgerContract {
  private static final Ending VOIDED = new Ending(Nanos.ZERO, false, "upstream_error");

  @TempDir Path folder;
  private final HandClock clock = new HandClock();
  private LedgerStore store;
  private Rig rig;

  abstract LedgerStore store(Path folder, HandClock clock);

  @BeforeEach
  void open() {
    store = store(folder, clock);
    rig = new Rig(store, clock, LedgerSettings.DEFAULT);
  }

  @AfterEach
  void close() {
    rig.assertClean();
    rig.close();
    store.close();
  }

  private void settings(LedgerSettings settings) {
    rig.close();
    rig = new Rig(store, clock, settings);
  }

  private static Held held(long held, long left) {
    return new Held(Nanos.of(held), Nanos.of(left));
  }

  private static EndOutcome ended(long charge) {
    return new EndOutcome.Ended(new Ending(Nanos.of(charge), false, Ending.POSTED));
  }

  private static EndOutcome endedBefore(long charge) {
    return new EndOutcome.EndedBefore(new Ending(Nanos.of(charge), false, Ending.POSTED));
  }

  // One call

  @Test
  void postsTheChargeAndGivesTheRestBack() {
    WalletId wallet = rig.walletWith(100);
    CallId id = rig.newCall();
    assertThat(rig.hold(id, wallet, 40)).isEqualTo(held(40, 60));
    assertThat(rig.only(wallet, LedgerReads.Lot::pending)).isEqualTo(40);
    assertThat(rig.ledger.call(id).orElseThrow().ended()).isNull();
    assertThat(rig.settle(new CallRef(id, wallet), 15)).isEqualTo(ended(15));
    assertThat(rig.only(wallet, LedgerReads.Lot::pending)).isZero();
    assertThat(rig.only(wallet, LedgerReads.Lot::posted)).isEqualTo(15);
    LedgerReads.Call call = rig.ledger.call(id).orElseThrow();
    assertThat(call.ended()).isEqualTo(new Ending(Nanos.of(15), false, Ending.POSTED));
    assertThat(call.held()).isEqualTo(Nanos.of(40));
    assertThat(call.facts()).isEqualTo(Rig.FACTS);
    assertThat(call.ref()).isEqualTo("ref");
    assertThat(rig.hold(rig.newCall(), wallet, 85)).isEqualTo(held(85, 0));
  }

  @Test
  void aReleaseChargesNothing() {
    WalletId wallet = rig.walletWith(100);
    CallRef call = rig.held(wallet, 100);
    assertThat(rig.release(call)).isEqualTo(new EndOutcome.Ended(VOIDED));
    assertThat(rig.hold(rig.newCall(), wallet, 100)).isEqualTo(held(100, 0));
  }

  @Test
  void aHoldOfNothingNeedsNoCredit() {
    CallRef call = rig.held(rig.newWallet(), 0);
    assertThat(rig.settle(call, 0)).isEqualTo(ended(0));
    assertThat(rig.ledger.lots(call.wallet())).isEmpty();
  }

  @Test
  void aChargeAboveTheHoldIsTheOperatorsLoss() {
    CallRef call = rig.held(rig.walletWith(100), 40);
    assertThat(rig.settle(call, 45, 7, 11)).isEqualTo(ended(40));
    LedgerReads.AuditReport report = rig.ledger.audit();
    assertThat(report.loss()).isEqualTo(Nanos.of(12));
    assertThat(report.exposure()).isEqualTo(Nanos.of(11));
    assertThat(report.posted()).isEqualTo(Nanos.of(40));
  }

  @Test
  void amountsBelowZeroAreRefusedAtTheDoor() {
    CallRef call = rig.held(rig.walletWith(100), 40);
    assertThatThrownBy(() -> rig.settle(call, -1)).hasMessageContaining("0 or more");
    assertThatThrownBy(() -> rig.settle(call, 0, -1, 0)).hasMessageContaining("0 or more");
    assertThatThrownBy(() -> rig.adjust(call, 1, -1)).hasMessageContaining("0 or more");
  }

  // Repeats

  @Test
  void aRepeatAnswersWithTheFirstOutcomeAlsoAfterARestart() {
    WalletId wallet = rig.walletWith(100);
    HoldCommand command = rig.command(rig.newCall(), wallet, 40, 0);
    CallRef call = new CallRef(command.id(), wallet);
    rig.hold(command);
    assertThat(rig.hold(command)).isEqualTo(new Repeated(Nanos.of(40), null));
    rig.settle(call, 15);
    Repeated repeated = new Repeated(Nanos.of(40), new Ending(Nanos.of(15), false, Ending.POSTED));
    assertThat(rig.hold(command)).isEqualTo(repeated);
    assertThat(rig.settle(call, 16)).isEqualTo(endedBefore(15));
    assertThat(rig.release(call)).isEqualTo(endedBefore(15));
    rig = rig.restart();
    assertThat(rig.hold(command)).isEqualTo(repeated);
    assertThat(rig.settle(call, 16)).isEqualTo(endedBefore(15));
    assertThat(rig.only(wallet, LedgerReads.Lot::posted)).isEqualTo(15);
  }

  @Test
  void repeatsAreToldFromNewIdsThoughMemoryForgot() {
    settings(new LedgerSettings(512, 100, 100, 1, 2, 30_000, 0));
    WalletId wallet = rig.walletWith(100);
    List<HoldCommand> commands = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      HoldCommand command = rig.command(rig.newCall(), wallet, 1, 0);
      commands.add(command);
      assertThat(rig.hold(command)).isInstanceOf(Held.class);
      rig.hold(rig.newCall(), rig.walletWith(3), 3);
      rig.settle(new CallRef(command.id(), wallet), 1);
    }
    for (HoldCommand command : commands) {
      assertThat(rig.hold(command)).isInstanceOf(Repeated.class);
    }
    assertThat(rig.ledger.lots(wallet).getFirst().posted()).isEqualTo(Nanos.of(10));
  }

  @Test
  void aCommandOfTheSameBatchIsSeenByTheNext() {
    WalletId wallet = rig.walletWith(100);
    HoldCommand command = rig.command(rig.newCall(), wallet, 40, 0);
    CallRef call = new CallRef(command.id(), wallet);
    List<CompletableFuture<?>> outcomes = new ArrayList<>();
    try (LedgerStore.Stall _ = store.stall()) {
      outcomes.add(rig.holdLater(command));
      outcomes.add(rig.holdLater(command));
      for (int i = 0; i < 2; i++) {
        outcomes.add(
            rig.settleLater(
                new SettleCommand(call, Nanos.of(15), Nanos.ZERO, Nanos.ZERO, false, Rig.FACTS)));
      }
      outcomes.add(rig.holdLater(command));
    }
    assertThat(outcomes.stream().<Object>map(Rig::await).toList())
        .containsExactly(
            held(40, 60),
            new Repeated(Nanos.of(40), null),
            ended(15),
            endedBefore(15),
            new Repeated(Nanos.of(40), new Ending(Nanos.of(15), false, Ending.POSTED)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          wallet | with wallet
          amount | with other amounts or limits
          limits | with other amounts or limits
          ref    | with the reference 'ref', not 'other'
          """)
  void anotherCommandUnderTheSameIdIsAnError(String what, String difference) {
    WalletId wallet = rig.walletWith(100);
    LotId limit = rig.limit(wallet, 100);
    HoldCommand first = rig.command(rig.newCall(), wallet, 40, 0);
    HoldCommand other =
        new HoldCommand(
            first.id(),
            what.equals("wallet") ? rig.walletWith(100) : wallet,
            what.equals("limits") ? List.of(limit) : List.of(),
            first.least(),
            first.wish(),
            what.equals("amount") ? Nanos.of(41) : first.most(),
            first.deadlineMicros(),
            0,
            what.equals("ref") ? "other" : "ref");
    rig.hold(first);
    HoldOutcome open = rig.hold(other);
    rig.settle(new CallRef(first.id(), wallet), 1);
    assertThat(rig.hold(other)).isEqualTo(open);
    assertThat(((HoldOutcome.Different) open).difference())
        .contains(first.id().text(), difference, "use a new id");
  }

  @Test
  void anUnknownCallIsToldSo() {
    WalletId wallet = rig.walletWith(10);
    CallRef call = rig.held(wallet, 1);
    assertThat(rig.settle(new CallRef(rig.newCall(), wallet), 1))
        .isEqualTo(new EndOutcome.Unknown());
    assertThat(rig.settle(new CallRef(call.id(), rig.newWallet()), 1))
        .isEqualTo(new EndOutcome.Unknown());
  }

  // Never overspent

  @Test
  void credit137Holds137Of4096AtOnce() throws InterruptedException {
    WalletId wallet = rig.walletWith(137);
    List<CompletableFuture<HoldOutcome>> outcomes = new ArrayList<>();
    List<Thread> clients = new ArrayList<>();
    for (int client = 0; client < 64; client++) {
      clients.add(
          Thread.startVirtualThread(
              () -> {
                for (int i = 0; i < 64; i++) {
                  var outcome = rig.holdLater(rig.command(rig.newCall(), wallet, 1, 0));
                  synchronized (outcomes) {
                    outcomes.add(outcome);
                  }
                }
              }));
    }
    for (Thread client : clients) {
      client.join();
    }
    List<HoldOutcome> told = outcomes.stream().map(Rig::await).toList();
    assertThat(told).hasSize(4096);
    assertThat(told.stream().filter(Held.class::isInstance)).hasSize(137);
    assertThat(told.stream().filter(StillHeld.class::isInstance)).hasSize(4096 - 137);
    assertThat(rig.ledger.holdsOpen()).isEqualTo(137);
    assertThat(rig.only(wallet, LedgerReads.Lot::pending)).isEqualTo(137);
  }

  @Test
  void creditForOneDispatchesOneOfAThousandThatWait() {
    WalletId wallet = rig.walletWith(100);
    List<CompletableFuture<HoldOutcome>> outcomes = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      outcomes.add(rig.holdLater(rig.command(rig.newCall(), wallet, 100, 200)));
    }
    List<HoldOutcome> told = outcomes.stream().map(Rig::await).toList();
    assertThat(told.stream().filter(Held.class::isInstance)).hasSize(1);
    assertThat(told.stream().filter(StillHeld.class::isInstance)).hasSize(999);
  }

  @Test
  void aRefusalTellsWhatIsLeftToTheLastNano() {
    WalletId wallet = rig.walletWith(25_000_000_000L);
    rig.settle(rig.held(wallet, 24_999_999_999L), 24_999_999_999L);
    assertThat(rig.hold(rig.newCall(), wallet, 2))
        .isEqualTo(new Refused(Nanos.of(1), Nanos.of(2), null));
    assertThat(rig.hold(rig.newCall(), wallet, 1)).isEqualTo(held(1, 0));
  }

  /// Each call asks for no limit, costs a fiftieth, and may wait.
  @Test
  void fiftyParallelCheapCallsPassOnADime() throws InterruptedException {
    WalletId wallet = rig.walletWith(100_000_000);
    List<HoldOutcome> outcomes = Collections.synchronizedList(new ArrayList<>());
    List<Thread> clients = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      HoldCommand command =
          rig.command(rig.newCall(), wallet, List.of(), 10_000, 10_240_000, 163_840_000, 30_000);
      clients.add(
          Thread.startVirtualThread(
              () -> {
                outcomes.add(rig.hold(command));
                rig.settle(new CallRef(command.id(), wallet), 2_000_000);
              }));
    }
    for (Thread client : clients) {
      client.join();
    }
    assertThat(outcomes).hasSize(50).allMatch(Held.class::isInstance);
    assertThat(rig.only(wallet, LedgerReads.Lot::posted)).isEqualTo(100_000_000);
  }

  // The line

  @Test
  void waitsUntilOthersEndFirstInFirstOut() {
    WalletId wallet = rig.walletWith(100);
    CallRef open = rig.held(wallet, 100);
    var first = rig.holdLater(rig.command(rig.newCall(), wallet, 60, 60_000));
    var second = rig.holdLater(rig.command(rig.newCall(), wallet, 30, 60_000));
    var third = rig.holdLater(rig.command(rig.newCall(), wallet, 40, 60_000));
    rig.turn();
    assertThat(first).isNotDone();
    assertThat(rig.ledger.state().waiting()).isEqualTo(3);
    rig.settle(open, 0);
    assertThat(Rig.await(first)).isEqualTo(held(60, 40));
    assertThat(Rig.await(second)).isEqualTo(held(30, 10));
    rig.turn();
    assertThat(third).isNotDone();
    // Whoever comes now stands behind, though it would fit.
    assertThat(rig.hold(rig.command(rig.newCall(), wallet, 1, 0))).isInstanceOf(StillHeld.class);
    rig.grant(wallet, LotKind.PURCHASED, 30, 0, Long.MAX_VALUE, "more");
    assertThat(Rig.await(third)).isEqualTo(held(40, 0));
    assertThat(rig.ledger.state().waiting()).isZero();
  }

  @Test
  void whoHasWaitedLongEnoughIsTold() {
    WalletId wallet = rig.walletWith(100);
    rig.held(wallet, 70);
    var waiting = rig.holdLater(rig.command(rig.newCall(), wallet, 40, 50));
    assertThat(Rig.await(waiting)).isEqualTo(new StillHeld(Nanos.of(100), Nanos.of(70), 2));
  }

  @Test
  void whoGivesUpLetsThoseBehindThrough() {
    WalletId wallet = rig.walletWith(100);
    rig.held(wallet, 70);
    CallId leaving = rig.newCall();
    var left = rig.holdLater(rig.command(leaving, wallet, 50, 60_000));
    var big = rig.holdLater(rig.command(rig.newCall(), wallet, 40, 50));
    var small = rig.holdLater(rig.command(rig.newCall(), wallet, 10, 60_000));
    var free = rig.holdLater(rig.command(rig.newCall(), wallet, 0, 60_000));
    assertThat(Rig.await(free)).isEqualTo(held(0, 30));
    rig.release(new CallRef(leaving, wallet));
    assertThat(Rig.await(left)).isInstanceOf(StillHeld.class);
    assertThat(Rig.await(big)).isInstanceOf(StillHeld.class);
    assertThat(Rig.await(small)).isEqualTo(held(10, 20));
  }

  @Test
  void whoWaitsForCreditThatIsSpentIsRefused() {
    WalletId wallet = rig.walletWith(100);
    CallRef open = rig.held(wallet, 70);
    var waiting = rig.holdLater(rig.command(rig.newCall(), wallet, 40, 60_000));
    rig.settle(open, 70);
    assertThat(Rig.await(waiting)).isEqualTo(new Refused(Nanos.of(30), Nanos.of(40), null));
  }

  @Test
  void aReleaseTakesTheCallOutOfTheLine() {
    WalletId wallet = rig.walletWith(100);
    CallRef open = rig.held(wallet, 70);
    CallId id = rig.newCall();
    var waiting = rig.holdLater(rig.command(id, wallet, 40, 60_000));
    assertThat(rig.release(new CallRef(id, wallet))).isEqualTo(new EndOutcome.Unknown());
    assertThat(Rig.await(waiting)).isInstanceOf(StillHeld.class);
    rig.settle(open, 0);
    assertThat(rig.only(wallet, LedgerReads.Lot::pending)).isZero();
  }

  @Test
  void theLineIsBounded() {
    settings(new LedgerSettings(512, 100, 3, 100, 100, 30_000, 0));
    WalletId wallet = rig.walletWith(100);
    CallRef open = rig.held(wallet, 100);
    List<CompletableFuture<HoldOutcome>> outcomes = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      outcomes.add(rig.holdLater(rig.command(rig.newCall(), wallet, 1, 60_000)));
    }
    assertThat(Rig.await(outcomes.getLast())).isEqualTo(new Overloaded(2));
    rig.release(open);
    assertThat(outcomes.subList(0, 3).stream().map(Rig::await)).allMatch(Held.class::isInstance);
  }

  @Test
  void theQueueIsBoundedForHoldsButNotForSettlements() {
    settings(new LedgerSettings(512, 2, 100, 100, 100, 30_000, 0));
    WalletId wallet = rig.walletWith(100);
    CallRef open = rig.held(wallet, 1);
    CompletableFuture<HoldOutcome> third;
    CompletableFuture<EndOutcome> settled;
    try (LedgerStore.Stall _ = store.stall()) {
      var _ = rig.holdLater(rig.command(rig.newCall(), wallet, 1, 0));
      var _ = rig.holdLater(rig.command(rig.newCall(), wallet, 1, 0));
      third = rig.holdLater(rig.command(rig.newCall(), wallet, 1, 0));
      assertThat(third).isCompletedWithValue(new Overloaded(1));
      settled =
          rig.settleLater(
              new SettleCommand(open, Nanos.of(1), Nanos.ZERO, Nanos.ZERO, false, Rig.FACTS));
    }
    assertThat(Rig.await(settled)).isEqualTo(ended(1));
  }

  // Marks, deadlines, recovery

  @Test
  void whatAPreviousLifeLeftOpenIsEndedAtTheStart() {
    WalletId wallet = rig.walletWith(100);
    CallRef unmarked = rig.held(wallet, 30);
    CallRef marked = rig.held(wallet, 40);
    CallRef over = rig.held(wallet, 10);
    rig.ledger.mark(marked, Nanos.of(5), Rig.FACTS);
    rig.ledger.mark(marked, Nanos.of(12), new byte[] {1});
    rig.ledger.mark(marked, Nanos.of(9), new byte[] {2});
    rig.ledger.mark(over, Nanos.of(11), Rig.FACTS);
    rig.turn();
    assertThat(rig.ledger.call(marked.id()).orElseThrow().facts()).containsExactly(1);
    rig = rig.restart();
    assertThat(rig.ledger.holdsOpen()).isZero();
    assertThat(rig.ending(unmarked)).isEqualTo(new Ending(Nanos.ZERO, false, "recovery"));
    LedgerReads.Call call = rig.ledger.call(marked.id()).orElseThrow();
    assertThat(call.ended()).isEqualTo(new Ending(Nanos.of(12), true, Ending.POSTED));
    assertThat(call.facts()).containsExactly(1);
    assertThat(rig.ending(over)).isEqualTo(new Ending(Nanos.of(10), true, Ending.POSTED));
    assertThat(rig.ledger.audit().exposure()).isEqualTo(Nanos.of(30 + 28));
    assertThat(rig.hold(rig.newCall(), wallet, 78)).isEqualTo(held(78, 0));
    assertThat(rig.settle(marked, 30)).isInstanceOf(EndOutcome.EndedBefore.class);
  }

  @Test
  void noHoldOutlivesItsDeadlineAndGrace() {
    WalletId wallet = rig.walletWith(100);
    CallRef call = rig.held(wallet, 30);
    rig.ledger.mark(call, Nanos.of(4), Rig.FACTS);
    clock.pass(629);
    rig.turn();
    assertThat(rig.ledger.holdsOpen()).isEqualTo(1);
    clock.pass(2);
    rig.turn();
    assertThat(rig.ending(call)).isEqualTo(new Ending(Nanos.of(4), true, Ending.POSTED));
    assertThat(rig.ledger.audit().exposure()).isEqualTo(Nanos.of(26));
  }

  @Test
  void aForwardJumpEndsWhatIsOverdueBeforeTheNextHold() {
    WalletId wallet = rig.walletWith(100);
    rig.held(wallet, 100);
    clock.set(3600);
    if (store.isShared()) {
      // The server's time comes back with the next batch.
      rig.walletWith(1);
    }
    assertThat(rig.hold(rig.newCall(), wallet, 100)).isEqualTo(held(100, 0));
  }

  @Test
  void timeNeverRunsBackwardNorPrecedesWhatIsStored() {
    long before = rig.ledger.nowMicros();
    rig.walletWith(1);
    clock.set(-3600);
    assertThat(rig.ledger.nowMicros()).isGreaterThanOrEqualTo(before);
    rig = rig.restart();
    // What the monotonic clock added to the server's time is not stored.
    assertThat(rig.ledger.nowMicros())
        .isGreaterThanOrEqualTo(store.isShared() ? HandClock.START : before);
    clock.pass(10);
    // A server's clock is an hour behind what is stored: until it has caught up, time stands still
    // whenever the server is asked for it.
    assertThat(rig.ledger.nowMicros())
        .isGreaterThan(store.isShared() ? HandClock.START : before + 8_000_000);
  }

  // Lots

  @Test
  void lotsComeIntoForceAndExpireByTheLedgersTime() {
    WalletId wallet = rig.newWallet();
    long now = rig.ledger.nowMicros();
    rig.grant(wallet, LotKind.GRANT, 10, 0, now + 60_000_000, "november");
    rig.grant(wallet, LotKind.GRANT, 20, now + 60_000_000, Long.MAX_VALUE, "december");
    CallRef inFlight = rig.held(wallet, 10);
    clock.pass(61);
    CallRef next = rig.held(wallet, 20);
    rig.settle(inFlight, 7);
    rig.settle(next, 1);
    assertThat(rig.ledger.lots(wallet))
        .extracting(LedgerReads.Lot::ref, lot -> lot.posted().value())
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("november", 7L),
            org.assertj.core.groups.Tuple.tuple("december", 1L));
  }

  @Test
  void aGrantIsMadeOnceForItsReference() {
    WalletId wallet = rig.newWallet();
    GrantCommand command =
        new GrantCommand(wallet, LotKind.GRANT, Nanos.of(10), 0, 99, "grant:1:2026-11", "monthly");
    GrantOutcome.Granted first = (GrantOutcome.Granted) rig.grant(command);
    assertThat(rig.grant(command)).isEqualTo(new GrantOutcome.GrantedBefore(first.lot()));
    rig = rig.restart();
    assertThat(rig.grant(command)).isEqualTo(new GrantOutcome.GrantedBefore(first.lot()));
    GrantCommand other =
        new GrantCommand(wallet, LotKind.GRANT, Nanos.of(11), 0, 99, "grant:1:2026-11", "more");
    assertThat(((GrantOutcome.Different) rig.grant(other)).difference())
        .contains("'grant:1:2026-11'", "the amount was");
    assertThat(rig.only(wallet, LedgerReads.Lot::granted)).isEqualTo(10);
  }

  /// Sums over lots and wallets must fit, whatever an operator types.
  @Test
  void aWalletCannotBeGivenMoreThanSumsTake() {
    WalletId wallet = rig.newWallet();
    long most = Wallet.BROUGHT_MAX;
    assertThat(rig.grant(gift(wallet, most - 5, "first"))).isInstanceOf(GrantOutcome.Granted.class);
    assertThat(rig.grant(gift(wallet, Long.MAX_VALUE, "second")))
        .isEqualTo(new GrantOutcome.TooMuch(Nanos.of(5)));
    rig = rig.restart();
    assertThat(rig.grant(gift(wallet, 6, "third")))
        .isEqualTo(new GrantOutcome.TooMuch(Nanos.of(5)));
    assertThat(rig.grant(gift(wallet, 5, "third"))).isInstanceOf(GrantOutcome.Granted.class);
    assertThat(rig.grant(gift(wallet, 1, "fourth")))
        .isEqualTo(new GrantOutcome.TooMuch(Nanos.ZERO));
    rig.limit(wallet, most);
    WalletId other = rig.newWallet();
    rig.grant(gift(other, most, "all"));
    LedgerReads.AuditReport audit = rig.ledger.audit();
    assertThat(audit.wrong()).isNull();
    assertThat(audit.granted().value()).isGreaterThanOrEqualTo(2 * most);
    rig.settle(rig.held(wallet, 10), 7);
  }

  private static GrantCommand gift(WalletId wallet, long amount, String ref) {
    return new GrantCommand(
        wallet, LotKind.PURCHASED, Nanos.of(amount), 0, Long.MAX_VALUE, ref, "a gift");
  }

  @Test
  void aHoldMaySpanLotsAndLimits() {
    WalletId wallet = rig.newWallet();
    rig.grant(wallet, LotKind.PURCHASED, 50, 0, Long.MAX_VALUE, "bought");
    rig.grant(wallet, LotKind.GRANT, 10, 0, Long.MAX_VALUE, "monthly");
    LotId limit = rig.limit(wallet, 40);
    HoldCommand command = rig.command(rig.newCall(), wallet, List.of(limit), 30, 30, 30, 0);
    assertThat(rig.hold(command)).isEqualTo(held(30, 30));
    rig.settle(new CallRef(command.id(), wallet), 25);
    assertThat(rig.ledger.lots(wallet))
        .extracting(LedgerReads.Lot::ref, lot -> lot.posted().value())
        .contains(
            org.assertj.core.groups.Tuple.tuple("monthly", 10L),
            org.assertj.core.groups.Tuple.tuple("bought", 15L));
    assertThat(rig.hold(rig.command(rig.newCall(), wallet, List.of(limit), 16, 16, 16, 0)))
        .isEqualTo(new Refused(Nanos.of(15), Nanos.of(16), limit));
    assertThat(rig.ledger.audit().granted()).isEqualTo(Nanos.of(60));
  }

  /// A change of the credit never touches a call in flight.
  @Test
  void aLotIsRaisedLoweredAndClosed() {
    WalletId wallet = rig.walletWith(100);
    LotId lot = rig.ledger.lots(wallet).getFirst().id();
    CallRef open = rig.held(wallet, 60);
    assertThat(rig.resize(wallet, lot, 30, "lower"))
        .isEqualTo(new ResizeOutcome.Resized(Nanos.of(60)));
    assertThat(rig.resize(wallet, lot, 30, "lower")).isEqualTo(new ResizeOutcome.ResizedBefore());
    assertThat(rig.resize(wallet, lot, 31, "lower")).isInstanceOf(ResizeOutcome.Different.class);
    assertThat(rig.settle(open, 20)).isEqualTo(ended(20));
    assertThat(rig.only(wallet, LedgerReads.Lot::granted)).isEqualTo(30);
    rig.assertClean();
    assertThat(rig.resize(wallet, lot, 150, "raise"))
        .isEqualTo(new ResizeOutcome.Resized(Nanos.of(150)));
    rig = rig.restart();
    assertThat(rig.hold(rig.newCall(), wallet, 130)).isEqualTo(held(130, 0));
    assertThat(rig.resize(wallet, lot, 0, "close"))
        .isEqualTo(new ResizeOutcome.Resized(Nanos.of(150)));
    assertThat(rig.hold(rig.newCall(), wallet, 1))
        .isEqualTo(new Refused(Nanos.ZERO, Nanos.of(1), null));
    assertThat(rig.resize(wallet, new LotId(5), 0, "none"))
        .isEqualTo(new ResizeOutcome.NoSuchLot());
  }

  // Late bills

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # held 40 of 100, posted 15, then revision:bill … | charge loss of the last | total loss
          1:10                    | 10 0  | 0
          1:30                    | 30 0  | 0
          1:45                    | 40 5  | 5
          1:45 2:42               | 40 2  | 2
          1:45 2:20 3:0           | 0 0   | 0
          2:10 1:20               | stale | 0
          2:10 2:20               | stale | 0
          """)
  void aLateBillMovesTheCharge(String bills, String outcome, long loss) {
    WalletId wallet = rig.walletWith(100);
    CallRef call = rig.held(wallet, 40);
    assertThat(rig.adjust(call, 1, 1)).isEqualTo(new AdjustOutcome.NotEnded());
    rig.settle(call, 15);
    String last = "";
    for (String bill : bills.split(" ", -1)) {
      String[] part = bill.split(":", -1);
      last =
          switch (rig.adjust(call, Long.parseLong(part[0]), Long.parseLong(part[1]))) {
            case AdjustOutcome.Adjusted adjusted ->
                adjusted.charge().value() + " " + adjusted.loss().value();
            case AdjustOutcome.Stale _ -> "stale";
            case AdjustOutcome.NotEnded _ -> "not ended";
            case AdjustOutcome.Unavailable no -> no.reason();
          };
      rig.assertClean();
      rig = rig.restart();
    }
    assertThat(last).isEqualTo(outcome);
    assertThat(rig.ledger.audit().loss()).isEqualTo(Nanos.of(loss));
    assertThat(rig.ending(call).charge().value())
        .isEqualTo(rig.only(wallet, LedgerReads.Lot::posted));
    assertThat(rig.settle(call, 1)).isEqualTo(endedBefore(15));
  }

  @Test
  void aLateBillTakesAtMostWhatTheLotStillHas() {
    WalletId wallet = rig.walletWith(50);
    CallRef call = rig.held(wallet, 40);
    rig.settle(call, 10);
    rig.held(wallet, 35);
    assertThat(rig.adjust(call, 1, 30))
        .isEqualTo(new AdjustOutcome.Adjusted(Nanos.of(15), Nanos.of(15)));
  }

  // What is told to others

  /// In distributed mode each bucket has a fence, and one of them guarded what ended.
  private long fenceOfEndings() {
    return rig.ledger.fences().stream()
        .filter(fence -> !rig.ledger.finishedAfter(fence, 0, 1).isEmpty())
        .findFirst()
        .orElseThrow();
  }

  @Test
  void endingsAreFedInTheOrderOfTheirCommits() {
    WalletId wallet = rig.walletWith(100);
    CallRef early = rig.held(wallet, 10);
    CallRef late = rig.held(wallet, 10);
    rig.settle(late, 2);
    rig.release(early);
    long fence = fenceOfEndings();
    List<LedgerReads.Finished> all = rig.ledger.finishedAfter(fence, 0, 100);
    assertThat(all).extracting(LedgerReads.Finished::id).containsExactly(late.id(), early.id());
    assertThat(all.getFirst().charge()).isEqualTo(Nanos.of(2));
    assertThat(all.getFirst().facts()).isEqualTo(Rig.FACTS);
    assertThat(all.getLast().reason()).isEqualTo("upstream_error");
    assertThat(rig.ledger.finishedLast(fence)).isEqualTo(all.getLast().seq());
    assertThat(rig.ledger.finishedLast(Long.MAX_VALUE)).isZero();
    assertThat(rig.ledger.finishedAfter(fence, 0, 1)).hasSize(1);
    assertThat(rig.ledger.finishedAfter(fence, all.getFirst().seq(), 1))
        .extracting(LedgerReads.Finished::id)
        .containsExactly(early.id());
    rig.adjust(late, 1, 1);
    assertThat(rig.ledger.finishedAfter(fence, all.getLast().seq(), 100))
        .extracting(LedgerReads.Finished::id, finished -> finished.charge().value())
        .containsExactly(org.assertj.core.groups.Tuple.tuple(late.id(), 1L));
  }

  @Test
  void aBatchIsFedWhole() {
    WalletId wallet = rig.walletWith(100);
    List<CompletableFuture<EndOutcome>> outcomes = new ArrayList<>();
    List<CallRef> calls = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      calls.add(rig.held(wallet, 1));
    }
    try (LedgerStore.Stall _ = store.stall()) {
      for (CallRef call : calls) {
        outcomes.add(
            rig.settleLater(
                new SettleCommand(call, Nanos.of(1), Nanos.ZERO, Nanos.ZERO, false, Rig.FACTS)));
      }
    }
    outcomes.forEach(Rig::await);
    long fence = fenceOfEndings();
    assertThat(rig.ledger.finishedAfter(fence, 0, 2)).hasSize(5);
  }

  @Test
  void belowTheMarkOfFreeDiskHoldsStopAndSettlesGoOn() {
    assumeThat(store.isShared()).as("the disk is the server's").isFalse();
    WalletId wallet = rig.walletWith(100);
    CallRef call = rig.held(wallet, 10);
    rig.ledger.mark(call, Nanos.of(3), Rig.FACTS);
    settings(new LedgerSettings(512, 100, 100, 100, 100, 30_000, Long.MAX_VALUE));
    assertThat(((HoldOutcome.Unavailable) rig.hold(rig.newCall(), wallet, 1)).reason())
        .contains("make room");
    assertThat(rig.ledger.state().canWrite()).isFalse();
    assertThat(rig.ending(call).charge()).isEqualTo(Nanos.of(3));
    assertThat(rig.adjust(call, 1, 1)).isInstanceOf(AdjustOutcome.Adjusted.class);
  }

  @Test
  void aClosedLedgerAnswersEverythingAndWritesNothing() {
    WalletId wallet = rig.walletWith(100);
    CallRef call = rig.held(wallet, 100);
    var waiting = rig.holdLater(rig.command(rig.newCall(), wallet, 40, 60_000));
    rig.ledger.close();
    assertThat(Rig.await(waiting)).isInstanceOf(HoldOutcome.Unavailable.class);
    assertThat(rig.settle(call, 1)).isInstanceOf(EndOutcome.Unavailable.class);
    assertThat(rig.hold(rig.newCall(), wallet, 1)).isInstanceOf(HoldOutcome.Unavailable.class);
    assertThat(rig.ledger.state().canWrite()).isFalse();
    rig = rig.restart();
    assertThat(rig.ending(call).charge()).isEqualTo(Nanos.ZERO);
  }

  // The audit finds what is wrong, and says where

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          UPDATE lot SET posted = posted - 1                            | UPDATE lot SET posted = posted + 1                            | shows posted
          UPDATE lot SET pending = pending - 1                          | UPDATE lot SET pending = pending + 1                          | shows pending
          UPDATE lot SET total = total + 1, granted = granted + 1       | UPDATE lot SET total = total - 1, granted = granted - 1       | shows total
          UPDATE lot SET granted = granted - 1                          | UPDATE lot SET granted = granted + 1                          | shows granted
          UPDATE hold SET held = held + 1                               | UPDATE hold SET held = held - 1                               | its legs make it 20
          UPDATE finished SET charge = charge + 1, adjusted = adjusted+1| UPDATE finished SET charge = charge - 1, adjusted = adjusted-1| its legs make it
          UPDATE finished SET adjusted = 3                              | UPDATE finished SET adjusted = 7                              | adjustments make it
          UPDATE transfer SET wallet = wallet + 1 WHERE kind = 'grant' | UPDATE transfer SET wallet = wallet - 1 WHERE kind = 'grant' | does not have
          UPDATE finished SET wallet = wallet + 1                       | UPDATE finished SET wallet = wallet - 1                       | does not have
          """)
  void theAuditNamesTheWrongRow(String spoil, String repair, String sentence) {
    WalletId wallet = rig.walletWith(100);
    rig.held(wallet, 20);
    CallRef call = rig.held(wallet, 10);
    rig.settle(call, 5);
    rig.adjust(call, 1, 7);
    store.execute(spoil);
    assertThat(rig.ledger.audit().wrong()).contains(sentence);
    store.execute(repair);
  }

  @Test
  void aVoidedCallIsChargedNothingLater() {
    WalletId wallet = rig.walletWith(100);
    CallRef call = rig.held(wallet, 40);
    rig.release(call);
    assertThat(rig.adjust(call, 1, 30))
        .isEqualTo(new AdjustOutcome.Adjusted(Nanos.ZERO, Nanos.of(30)));
    assertThat(rig.only(wallet, LedgerReads.Lot::posted)).isZero();
    assertThat(rig.ledger.audit().loss()).isEqualTo(Nanos.of(30));
  }

  @Test
  void aLateBillIsNoEstimateAnyMore() {
    CallRef call = rig.held(rig.walletWith(100), 40);
    Rig.await(
        rig.settleLater(
            new SettleCommand(call, Nanos.of(10), Nanos.ZERO, Nanos.of(30), true, Rig.FACTS)));
    assertThat(rig.ending(call).estimated()).isTrue();
    rig.adjust(call, 1, 10);
    assertThat(rig.ending(call)).isEqualTo(new Ending(Nanos.of(10), false, Ending.POSTED));
  }

  @Test
  void aLateBillMovesTheLimitsOfTheCallToo() {
    WalletId wallet = rig.walletWith(100);
    LotId limit = rig.limit(wallet, 50);
    CallRef call = new CallRef(rig.newCall(), wallet);
    rig.hold(rig.command(call.id(), wallet, List.of(limit), 40, 40, 40, 0));
    rig.settle(call, 20);
    assertThat(rig.adjust(call, 1, 35))
        .isEqualTo(new AdjustOutcome.Adjusted(Nanos.of(35), Nanos.ZERO));
    assertThat(rig.adjust(call, 2, 5))
        .isEqualTo(new AdjustOutcome.Adjusted(Nanos.of(5), Nanos.ZERO));
    assertThat(rig.ledger.lots(wallet))
        .extracting(LedgerReads.Lot::posted)
        .containsOnly(Nanos.of(5));
    rig.hold(rig.command(rig.newCall(), wallet, List.of(limit), 40, 40, 40, 0));
    assertThat(rig.adjust(call, 3, 40))
        .isEqualTo(new AdjustOutcome.Adjusted(Nanos.of(10), Nanos.of(30)));
  }

  // Calls that are kept no longer

  private static final long FOR_EVER = Long.MAX_VALUE;

  /// A time that all calls so far were asked for before.
  private long behindAll() {
    return ReservedIds.madeMicros(rig.newCall().value()) + 1_000;
  }

  private Map<Long, Long> takenIn(long seq) {
    Map<Long, Long> positions = new HashMap<>();
    rig.ledger.fences().forEach(fence -> positions.put(fence, seq));
    return positions;
  }

  private List<CallRef> closeCalls(long beforeMicros, long takenIn) {
    return closeCalls(beforeMicros, takenIn, () -> true);
  }

  private List<CallRef> closeCalls(long beforeMicros, long takenIn, BooleanSupplier goOn) {
    List<CallRef> gone = new ArrayList<>();
    SqlLedger.Closed closed =
        rig.ledger.closeCalls(
            beforeMicros,
            takenIn(takenIn),
            (_, calls) -> calls.forEach((call, wallet) -> gone.add(new CallRef(call, wallet))),
            goOn);
    assertThat(gone).hasSize((int) closed.calls());
    return gone;
  }

  @Test
  void aClosedCallLeavesItsSumsAndNothingElse() {
    WalletId wallet = rig.newWallet();
    rig.grant(wallet, LotKind.GRANT, 30, 0, Long.MAX_VALUE, "first");
    LotId purchased = rig.grant(wallet, LotKind.PURCHASED, 100, 0, Long.MAX_VALUE, "second");
    LotId limit = rig.limit(wallet, 90);
    CallRef spanning = new CallRef(rig.newCall(), wallet);
    rig.hold(rig.command(spanning.id(), wallet, List.of(limit), 40, 40, 40, 0));
    rig.settle(spanning, 40);
    rig.adjust(spanning, 1, 10);
    rig.adjust(spanning, 2, 35);
    CallRef voided = rig.held(wallet, 5);
    rig.release(voided);
    CallRef open = rig.held(wallet, 20);
    CallRef other = rig.held(rig.walletWith(50), 50);
    rig.settle(other, 50);
    List<LedgerReads.Lot> lots = rig.ledger.lots(wallet);
    LedgerReads.AuditReport before = rig.ledger.audit();

    long now = behindAll();
    assertThat(closeCalls(now - 600_000_000, FOR_EVER)).isEmpty();
    assertThat(closeCalls(now, FOR_EVER)).containsExactlyInAnyOrder(spanning, voided, other);
    assertThat(closeCalls(now, FOR_EVER)).isEmpty();

    assertThat(rig.ledger.lots(wallet)).isEqualTo(lots);
    LedgerReads.AuditReport after = rig.ledger.audit();
    assertThat(after.wrong()).isNull();
    assertThat(after.closed()).isEqualTo(3);
    assertThat(after.finished()).isZero();
    assertThat(after.posted()).isEqualTo(before.posted()).isEqualTo(Nanos.of(85));
    assertThat(rig.ledger.call(spanning)).isEmpty();
    assertThat(rig.adjust(spanning, 3, 1)).isEqualTo(new AdjustOutcome.NotEnded());
    assertThat(rig.ledger.lots(wallet)).isEqualTo(lots);

    assertThat(rig.settle(open, 20)).isEqualTo(ended(20));
    rig = rig.restart();
    assertThat(closeCalls(now, FOR_EVER)).containsExactly(open);
    assertThat(rig.ledger.audit().closed()).isEqualTo(4);
    assertThat(rig.ledger.lots(wallet))
        .filteredOn(lot -> lot.id().equals(purchased))
        .extracting(LedgerReads.Lot::posted)
        .containsExactly(Nanos.of(25));
  }

  @Test
  void moreCallsThanGoAtOnceAreClosedInSlicesAndAStopEndsThat() {
    WalletId wallet = rig.walletWith(10_000);
    List<CompletableFuture<HoldOutcome>> holds = new ArrayList<>();
    List<CallRef> calls = new ArrayList<>();
    for (int i = 0; i < 1_200; i++) {
      CallRef call = new CallRef(rig.newCall(), wallet);
      calls.add(call);
      holds.add(rig.holdLater(rig.command(call.id(), wallet, 1, 0)));
    }
    holds.forEach(Rig::await);
    calls.stream()
        .map(
            call ->
                rig.settleLater(
                    new SettleCommand(call, Nanos.of(1), Nanos.ZERO, Nanos.ZERO, false, Rig.FACTS)))
        .toList()
        .forEach(Rig::await);
    long now = behindAll();
    List<CallRef> gone = new ArrayList<>(closeCalls(now, FOR_EVER, () -> false));
    assertThat(gone).isNotEmpty().hasSizeLessThan(1_200);
    rig.assertClean();
    gone.addAll(closeCalls(now, FOR_EVER));
    assertThat(gone).containsExactlyInAnyOrderElementsOf(calls);
    assertThat(rig.only(wallet, LedgerReads.Lot::posted)).isEqualTo(1_200);
  }

  /// What reports have not seen would be missing in them for ever.
  @Test
  void aCallThatWasNotTakenInYetStays() {
    WalletId wallet = rig.walletWith(100);
    CallRef call = rig.held(wallet, 10);
    rig.settle(call, 5);
    long now = behindAll();
    List<CallRef> gone = new ArrayList<>();
    SqlLedger.Closed closed =
        rig.ledger.closeCalls(
            now,
            takenIn(0),
            (_, calls) -> calls.forEach((id, owner) -> gone.add(new CallRef(id, owner))),
            () -> true);
    assertThat(closed).isEqualTo(new SqlLedger.Closed(0, false));
    assertThat(gone).isEmpty();
    assertThat(rig.ledger.audit().closed()).isZero();
    assertThat(rig.ending(call).charge()).isEqualTo(Nanos.of(5));
  }

  /// What others keep of a call goes with it, or stays with it.
  @Test
  void whatStandsBesideACallGoesInTheSameTransaction() {
    WalletId wallet = rig.walletWith(100);
    CallRef call = rig.held(wallet, 10);
    rig.settle(call, 5);
    long now = behindAll();
    assertThatThrownBy(
            () ->
                rig.ledger.closeCalls(
                    now,
                    takenIn(FOR_EVER),
                    (handle, _) -> {
                      handle.execute("UPDATE node SET beat = beat");
                      throw new IllegalStateException("beside");
                    },
                    () -> true))
        .hasMessageContaining("beside");
    assertThat(rig.ledger.audit().closed()).isZero();
    assertThat(rig.ending(call).charge()).isEqualTo(Nanos.of(5));
    assertThat(rig.ledger.keptFromMicros()).isZero();
    assertThat(closeCalls(now, FOR_EVER)).containsExactly(call);
    assertThat(rig.ledger.keptFromMicros()).isEqualTo(now);
  }

  @Test
  void theAuditNamesALotWhoseClosingSumIsWrong() {
    WalletId wallet = rig.walletWith(100);
    rig.settle(rig.held(wallet, 10), 5);
    closeCalls(behindAll(), FOR_EVER);
    store.execute("UPDATE closing SET posted = posted + 1");
    assertThat(rig.ledger.audit().wrong()).contains("lot ").contains("shows posted 5", "make it 6");
    store.execute("UPDATE closing SET posted = posted - 1, wallet = wallet + 1");
    assertThat(rig.ledger.audit().wrong()).contains("closing sum", "does not have");
    store.execute("UPDATE closing SET wallet = wallet - 1");
  }

  // Keys of clients

  private static HoldOutcome taken(CallId first, @Nullable Nanos charge) {
    return new HoldOutcome.RepeatedKey(first, charge, true);
  }

  @Test
  void aClientsKeyIsHeldOnceAndTellsTheFirstCall() {
    WalletId wallet = rig.walletWith(100);
    CallId first = rig.newCall();
    assertThat(rig.holdNamed(first, wallet, 10, "k")).isEqualTo(held(10, 90));
    assertThat(rig.holdNamed(rig.newCall(), wallet, 10, "k")).isEqualTo(taken(first, null));
    assertThat(rig.holdNamed(first, wallet, 10, "k")).isEqualTo(new Repeated(Nanos.of(10), null));
    assertThat(rig.settle(new CallRef(first, wallet), 4)).isEqualTo(ended(4));
    assertThat(rig.holdNamed(rig.newCall(), wallet, 10, "k")).isEqualTo(taken(first, Nanos.of(4)));
    assertThat(rig.adjust(new CallRef(first, wallet), 1, 6))
        .isInstanceOf(AdjustOutcome.Adjusted.class);
    assertThat(rig.holdNamed(rig.newCall(), wallet, 10, "k")).isEqualTo(taken(first, Nanos.of(6)));
    assertThat(rig.holdNamed(rig.newCall(), wallet, 10, "K")).isEqualTo(held(10, 84));
    assertThat(rig.only(wallet, LedgerReads.Lot::pending)).isEqualTo(10);
  }

  @Test
  void aKeyIsOneTokensAndOneWallets() {
    WalletId wallet = rig.walletWith(100);
    WalletId other = rig.walletWith(100);
    rig.holdNamed(rig.newCall(), wallet, 10, "k");
    assertThat(rig.holdNamed(rig.newCall(), other, 10, "k")).isEqualTo(held(10, 90));
    HoldCommand command = rig.command(rig.newCall(), wallet, 10, 0);
    assertThat(rig.hold(command.named(new RepeatKey(8, "k", "print")))).isEqualTo(held(10, 80));
  }

  @Test
  void theSameKeyWithAnotherBodyIsTold() {
    WalletId wallet = rig.walletWith(100);
    CallId first = rig.newCall();
    rig.holdNamed(first, wallet, 10, "k");
    HoldCommand command = rig.command(rig.newCall(), wallet, 10, 0);
    assertThat(rig.hold(command.named(new RepeatKey(7, "k", "other"))))
        .isEqualTo(new HoldOutcome.RepeatedKey(first, null, false));
  }

  @Test
  void aVoidFreesTheKey() {
    WalletId wallet = rig.walletWith(100);
    CallId first = rig.newCall();
    rig.holdNamed(first, wallet, 10, "k");
    rig.release(new CallRef(first, wallet));
    CallId second = rig.newCall();
    assertThat(rig.holdNamed(second, wallet, 10, "k")).isEqualTo(held(10, 90));
    assertThat(rig.holdNamed(rig.newCall(), wallet, 10, "k")).isEqualTo(taken(second, null));
  }

  @Test
  void aRefusedCallLeavesNoKey() {
    WalletId wallet = rig.walletWith(5);
    assertThat(rig.holdNamed(rig.newCall(), wallet, 10, "k")).isInstanceOf(Refused.class);
    assertThat(rig.holdNamed(rig.newCall(), wallet, 5, "k")).isEqualTo(held(5, 0));
  }

  @Test
  void ofManyCallsWithOneKeyInOneBatchOneIsHeld() {
    WalletId wallet = rig.walletWith(1_000);
    List<CompletableFuture<HoldOutcome>> outcomes = new ArrayList<>();
    try (LedgerStore.Stall _ = store.stall()) {
      for (int i = 0; i < 50; i++) {
        HoldCommand command = rig.command(rig.newCall(), wallet, 10, 0);
        outcomes.add(rig.holdLater(command.named(new RepeatKey(7, "k", "print"))));
      }
    }
    List<HoldOutcome> all = outcomes.stream().map(Rig::await).toList();
    assertThat(all).filteredOn(Held.class::isInstance).hasSize(1);
    assertThat(all).filteredOn(HoldOutcome.RepeatedKey.class::isInstance).hasSize(49);
  }

  @Test
  void aKeyThatIsFreedInTheSameBatchIsTakenAnew() {
    WalletId wallet = rig.walletWith(100);
    CallRef first = new CallRef(rig.newCall(), wallet);
    CallId second = rig.newCall();
    CompletableFuture<HoldOutcome> again;
    try (LedgerStore.Stall _ = store.stall()) {
      var _ =
          rig.holdLater(
              rig.command(first.id(), wallet, 10, 0).named(new RepeatKey(7, "k", "print")));
      rig.ledger.release(
          first, Nanos.ZERO, "upstream_error", Rig.FACTS, Reply.future(new CompletableFuture<>()));
      again =
          rig.holdLater(rig.command(second, wallet, 10, 0).named(new RepeatKey(7, "k", "print")));
    }
    assertThat(Rig.await(again)).isEqualTo(held(10, 90));
    assertThat(rig.holdNamed(rig.newCall(), wallet, 10, "k")).isEqualTo(taken(second, null));
  }

  @Test
  void whoWaitsInLineWithAKeyThatWasTakenMeanwhileIsTold() {
    WalletId wallet = rig.walletWith(100);
    CallRef running = rig.held(wallet, 95);
    CallId first = rig.newCall();
    RepeatKey key = new RepeatKey(7, "k", "print");
    CompletableFuture<HoldOutcome> one =
        rig.holdLater(rig.command(first, wallet, 10, 60_000).named(key));
    CompletableFuture<HoldOutcome> two =
        rig.holdLater(rig.command(rig.newCall(), wallet, 10, 60_000).named(key));
    rig.settle(running, 1);
    assertThat(Rig.await(one)).isInstanceOf(Held.class);
    assertThat(Rig.await(two)).isEqualTo(taken(first, null));
  }

  @Test
  void aKeyOutlivesTheProcessAndIsFreedByRecovery() {
    WalletId wallet = rig.walletWith(100);
    CallId posted = rig.newCall();
    rig.holdNamed(posted, wallet, 10, "posted");
    rig.settle(new CallRef(posted, wallet), 3);
    rig.holdNamed(rig.newCall(), wallet, 10, "open");
    rig = rig.restart();
    assertThat(rig.holdNamed(rig.newCall(), wallet, 10, "posted"))
        .isEqualTo(taken(posted, Nanos.of(3)));
    assertThat(rig.holdNamed(rig.newCall(), wallet, 10, "open")).isEqualTo(held(10, 87));
  }

  @Test
  void aKeyCountsForADayAndIsSweptThen() {
    WalletId wallet = rig.walletWith(100);
    CallId first = rig.newCall();
    rig.holdNamed(first, wallet, 10, "k");
    rig.settle(new CallRef(first, wallet), 1);
    CallRef other = new CallRef(rig.newCall(), wallet);
    rig.holdNamed(other.id(), wallet, 10, "other");
    rig.settle(other, 1);
    clock.pass(24 * 3600 - 60);
    rig.turn();
    assertThat(rig.holdNamed(rig.newCall(), wallet, 10, "k")).isEqualTo(taken(first, Nanos.of(1)));
    assertThat(rig.ledger.sweepKeys()).isZero();
    clock.pass(120);
    rig.turn();
    CallId second = rig.newCall();
    assertThat(rig.holdNamed(second, wallet, 10, "k")).isInstanceOf(Held.class);
    assertThat(rig.ledger.sweepKeys()).isOne();
    assertThat(rig.holdNamed(rig.newCall(), wallet, 10, "k")).isEqualTo(taken(second, null));
  }
}
