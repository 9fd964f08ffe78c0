package faregate.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import faregate.id.LotId;
import faregate.id.WalletId;
import faregate.kit.Clock;
import faregate.ledger.Ledger.CallRef;
import faregate.money.Nanos;
import faregate.store.LineBetween;
import faregate.store.PostgresServers;
import faregate.store.PostgresSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A batch whose fate is not known: nobody is told before it is, but holds do not wait for ever.
class LedgerDoubtTest {
  @TempDir Path folder;

  private record Asked(
      CallRef call, CompletableFuture<EndOutcome> settle, CompletableFuture<HoldOutcome> hold) {}

  /// A batch of a settlement and a hold.
  private static Asked ask(Rig rig, LedgerStore store, WalletId wallet, Runnable meanwhile) {
    CallRef open = rig.held(wallet, 100);
    CallRef late = new CallRef(rig.newCall(), wallet);
    try (LedgerStore.Stall _ = store.stall()) {
      var settle =
          rig.settleLater(
              new SettleCommand(open, Nanos.of(30), Nanos.ZERO, Nanos.ZERO, false, Rig.FACTS));
      var hold = rig.holdLater(rig.command(late.id(), wallet, 10, 0));
      meanwhile.run();
      return new Asked(late, settle, hold);
    }
  }

  @ParameterizedTest
  @EnumSource(names = "SURE", mode = EnumSource.Mode.EXCLUDE)
  void aCommitOfAFileIsToldWhenItsFateIsKnown(UnsureCommits.Fate fate) {
    try (SqliteStore store = new SqliteStore(folder.resolve("ledger.db"), Clock.system())) {
      UnsureCommits commits = new UnsureCommits(store.database.lane());
      Rig rig = new Rig(store, Clock.system(), LedgerSettings.DEFAULT);
      Asked asked = ask(rig, store, rig.walletWith(1000), () -> commits.next(fate));
      await().until(() -> rig.ledger.state().unwritten() > 0);
      assertThat(asked.settle()).isNotDone();
      assertThat(asked.hold()).isNotDone();
      commits.heal();
      assertThat(Rig.await(asked.settle()))
          .isEqualTo(new EndOutcome.Ended(new Ending(Nanos.of(30), false, Ending.POSTED)));
      assertThat(Rig.await(asked.hold())).isInstanceOf(HoldOutcome.Held.class);
      assertThat(rig.only(asked.call().wallet(), LedgerReads.Lot::posted)).isEqualTo(30);
      assertThat(rig.settle(asked.call(), 7)).isInstanceOf(EndOutcome.Ended.class);
      rig.assertClean();
      rig.close();
    }
  }

  /// Nor are calls ended that still run, as they would be by a process that starts anew.
  @ParameterizedTest
  @EnumSource(names = "SURE", mode = EnumSource.Mode.EXCLUDE)
  void openHoldsStayOpenThoughTheRowsCannotBeReadAtOnce(UnsureCommits.Fate fate) {
    try (SqliteStore store = new SqliteStore(folder.resolve("ledger.db"), Clock.system())) {
      UnsureCommits commits = new UnsureCommits(store.database.lane());
      Rig rig = new Rig(store, Clock.system(), LedgerSettings.DEFAULT);
      WalletId wallet = rig.walletWith(1000);
      CallRef running = rig.held(wallet, 50);
      Asked asked = ask(rig, store, wallet, () -> commits.next(fate));
      await().until(() -> rig.ledger.state().unwritten() > 0);
      commits.failOnce("FROM hold WHERE node", "58030");
      commits.heal();
      assertThat(Rig.await(asked.settle())).isInstanceOf(EndOutcome.Ended.class);
      assertThat(Rig.await(asked.hold())).isInstanceOf(HoldOutcome.Held.class);
      assertThat(commits.hasFailed()).isTrue();
      assertThat(rig.settle(running, 20))
          .isEqualTo(new EndOutcome.Ended(new Ending(Nanos.of(20), false, Ending.POSTED)));
      assertThat(rig.settle(asked.call(), 7)).isInstanceOf(EndOutcome.Ended.class);
      assertThat(rig.only(wallet, LedgerReads.Lot::posted)).isEqualTo(57);
      rig.assertClean();
      rig.close();
    }
  }

  @ParameterizedTest
  @EnumSource(names = "SURE", mode = EnumSource.Mode.EXCLUDE)
  void aHoldInDoubtIsTurnedAwayAfterFiveSecondsAndGivenBackShouldItBeWritten(
      UnsureCommits.Fate fate) {
    HandClock clock = new HandClock();
    try (SqliteStore store = new SqliteStore(folder.resolve("ledger.db"), Clock.system())) {
      UnsureCommits commits = new UnsureCommits(store.database.lane());
      Rig rig = new Rig(store, clock, LedgerSettings.DEFAULT);
      Asked asked = ask(rig, store, rig.walletWith(1000), () -> commits.next(fate));
      await().until(() -> rig.ledger.state().unwritten() > 0);
      clock.pass(4);
      rig.holdLater(rig.command(rig.newCall(), asked.call().wallet(), 1, 0)).join();
      assertThat(asked.hold()).isNotDone();
      clock.pass(2);
      assertThat(Rig.await(asked.hold())).isInstanceOf(HoldOutcome.Unavailable.class);
      assertThat(asked.settle()).isNotDone();
      commits.heal();
      assertThat(Rig.await(asked.settle())).isInstanceOf(EndOutcome.Ended.class);
      await().until(() -> rig.ledger.holdsOpen() == 0);
      assertThat(rig.only(asked.call().wallet(), LedgerReads.Lot::pending)).isZero();
      rig.assertClean();
      rig.close();
    }
  }

  /// What is decided on locked lots is another part of a batch, which is not even begun while the
  /// first is in doubt: its holds wait no longer.
  @Test
  void aHoldBehindABatchInDoubtIsTurnedAwayToo() throws IOException {
    PostgresServers servers = PostgresServers.shared(PostgresServers.NEW);
    PostgresSettings direct = servers.database();
    HandClock clock = new HandClock();
    try (LineBetween line = new LineBetween(servers.port());
        PostgresStore store = new PostgresStore(line.through(direct), Clock.system());
        Rig rig = new Rig(store, clock, LedgerSettings.DEFAULT)) {
      WalletId wallet = rig.walletWith(1000);
      WalletId other = rig.walletWith(1000);
      LotId limit = rig.limit(other, 100);
      CompletableFuture<ResizeOutcome> resize = new CompletableFuture<>();
      List<CompletableFuture<HoldOutcome>> behind = new ArrayList<>();
      Asked asked =
          ask(
              rig,
              store,
              wallet,
              () -> {
                rig.ledger.resize(
                    ResizeCommand.inSeries(other, limit, Nanos.of(50), "size", 1, "a test"),
                    Reply.future(resize));
                behind.add(rig.holdLater(rig.command(rig.newCall(), other, 10, 0)));
                line.refuse();
              });
      await().until(() -> rig.ledger.state().unwritten() > 0);
      clock.passUnwatched(6);
      assertThat(Rig.await(asked.hold())).isInstanceOf(HoldOutcome.Unavailable.class);
      assertThat(Rig.await(behind.getFirst())).isInstanceOf(HoldOutcome.Unavailable.class);
      assertThat(resize).isNotDone();
      line.admit();
      assertThat(Rig.await(resize)).isEqualTo(new ResizeOutcome.Resized(Nanos.of(50)));
      assertThat(Rig.await(asked.settle())).isInstanceOf(EndOutcome.Ended.class);
      await().ignoreExceptions().until(() -> rig.ledger.holdsOpen() == 0);
      await().ignoreExceptions().untilAsserted(rig::assertClean);
    }
  }

  /// The same where a server is away: the connection is cut, and there is no other.
  @Test
  void aHoldInDoubtOnAServerThatStaysAwayIsTurnedAwayToo() throws IOException {
    PostgresServers servers = PostgresServers.shared(PostgresServers.NEW);
    PostgresSettings direct = servers.database();
    HandClock clock = new HandClock();
    try (LineBetween line = new LineBetween(servers.port());
        PostgresStore store = new PostgresStore(line.through(direct), Clock.system());
        Rig rig = new Rig(store, Clock.system(), LedgerSettings.DEFAULT)) {
      rig.close();
      Rig timed = new Rig(store, clock, LedgerSettings.DEFAULT);
      WalletId wallet = timed.walletWith(1000);
      Asked asked = ask(timed, store, wallet, line::refuse);
      await().until(() -> timed.ledger.state().unwritten() > 0);
      assertThat(asked.hold()).isNotDone();
      clock.passUnwatched(6);
      assertThat(Rig.await(asked.hold())).isInstanceOf(HoldOutcome.Unavailable.class);
      assertThat(asked.settle()).isNotDone();
      line.admit();
      assertThat(Rig.await(asked.settle())).isInstanceOf(EndOutcome.Ended.class);
      // The readers' connections are broken too, and are found to be so one by one.
      await().ignoreExceptions().until(() -> timed.ledger.holdsOpen() == 0);
      await().ignoreExceptions().untilAsserted(timed::assertClean);
      timed.close();
    }
  }
}
