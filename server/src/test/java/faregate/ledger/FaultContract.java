package faregate.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import faregate.id.CallId;
import faregate.id.WalletId;
import faregate.ledger.Ledger.CallRef;
import faregate.money.Nanos;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A fault at each step of a batch, made by a trigger in the database itself: the books stay clean,
/// what ends a hold is written in the end, and nothing is told that was not written.
abstract class FaultContract {
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

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # step                     | what cannot be done meanwhile
          BEFORE UPDATE ON fence     | hold grant adjust settle release
          AFTER UPDATE ON fence      | hold grant adjust settle release
          BEFORE UPDATE ON lot       | hold adjust settle release
          BEFORE INSERT ON lot       | grant
          BEFORE INSERT ON hold      | hold
          AFTER INSERT ON hold       | hold
          BEFORE UPDATE ON hold      |
          BEFORE DELETE ON hold      | settle release
          BEFORE INSERT ON finished  | settle release
          AFTER INSERT ON finished   | settle release
          BEFORE UPDATE ON finished  | adjust
          BEFORE INSERT ON transfer  | grant adjust
          BEFORE INSERT ON incident  | settle
          COMMIT                     | hold grant adjust settle release
          """)
  void aFaultLeavesTheBooksCleanAndLosesNothing(String step, String fails) {
    WalletId wallet = rig.walletWith(1000);
    CallRef billed = rig.held(wallet, 10);
    rig.settle(billed, 5);
    CallRef settling = rig.held(wallet, 100);
    CallRef releasing = rig.held(wallet, 100);
    CallRef marked = rig.held(wallet, 100);
    CallId holding = rig.newCall();
    store.fault(step, "");

    CompletableFuture<HoldOutcome> hold;
    CompletableFuture<GrantOutcome> grant = new CompletableFuture<>();
    CompletableFuture<AdjustOutcome> adjust = new CompletableFuture<>();
    CompletableFuture<EndOutcome> settle;
    CompletableFuture<EndOutcome> release = new CompletableFuture<>();
    try (LedgerStore.Stall _ = store.stall()) {
      hold = rig.holdLater(rig.command(holding, wallet, 50, 0));
      rig.ledger.mark(marked, Nanos.of(20), Rig.FACTS);
      rig.ledger.grant(
          new GrantCommand(wallet, LotKind.GRANT, Nanos.of(7), 0, Long.MAX_VALUE, "late", ""),
          Reply.future(grant));
      rig.ledger.adjust(billed, 1, Nanos.of(8), Rig.FACTS, Reply.future(adjust));
      settle =
          rig.settleLater(
              new SettleCommand(settling, Nanos.of(30), Nanos.of(1), Nanos.ZERO, false, Rig.FACTS));
      rig.ledger.release(releasing, Nanos.ZERO, "upstream_error", Rig.FACTS, Reply.future(release));
    }
    Set<String> failing = Set.of(fails == null ? new String[0] : fails.split(" ", -1));

    boolean held = Rig.await(hold) instanceof HoldOutcome.Held;
    assertThat(held).isEqualTo(!failing.contains("hold"));
    assertThat(rig.ledger.call(holding).isPresent()).isEqualTo(held);
    boolean granted = Rig.await(grant) instanceof GrantOutcome.Granted;
    assertThat(granted).isEqualTo(!failing.contains("grant"));
    assertThat(rig.ledger.lots(wallet)).hasSize(granted ? 2 : 1);
    boolean adjusted = Rig.await(adjust) instanceof AdjustOutcome.Adjusted;
    assertThat(adjusted).isEqualTo(!failing.contains("adjust"));
    assertThat(rig.ending(billed).charge()).isEqualTo(Nanos.of(adjusted ? 8 : 5));
    if (failing.contains("settle")) {
      assertThat(settle).isNotDone();
      assertThat(rig.ledger.call(settling.id()).orElseThrow().ended()).isNull();
      await().until(() -> rig.ledger.state().unwritten() > 0);
    }
    if (failing.size() == 5) {
      assertThat(rig.ledger.state().trouble()).contains("cannot write");
    }
    rig.assertClean();

    store.mend();
    assertThat(Rig.await(settle))
        .isEqualTo(new EndOutcome.Ended(new Ending(Nanos.of(30), false, Ending.POSTED)));
    assertThat(Rig.await(release)).isInstanceOf(EndOutcome.Ended.class);
    assertThat(rig.ledger.holdsOpen()).isEqualTo(held ? 2 : 1);
    await().until(() -> rig.ledger.state().canWrite());
    assertThat(rig.hold(rig.newCall(), wallet, 1)).isInstanceOf(HoldOutcome.Held.class);
  }

  @Test
  void aSettlementThatCannotBeWrittenIsNotOvertakenByTheDeadline() {
    CallRef call = rig.held(rig.walletWith(100), 50);
    store.fault("BEFORE INSERT ON finished", "");
    var settle =
        rig.settleLater(
            new SettleCommand(call, Nanos.of(30), Nanos.ZERO, Nanos.ZERO, false, Rig.FACTS));
    rig.turn();
    clock.pass(3600);
    rig.turn();
    store.mend();
    assertThat(Rig.await(settle))
        .isEqualTo(new EndOutcome.Ended(new Ending(Nanos.of(30), false, Ending.POSTED)));
  }

  @Test
  void oneBadWalletDoesNotHoldUpTheOthers() {
    WalletId bad = rig.walletWith(100);
    WalletId good = rig.walletWith(100);
    CallRef stuck = rig.held(bad, 50);
    store.fault("BEFORE UPDATE ON lot", "old.wallet = " + bad.value());
    var settle =
        rig.settleLater(
            new SettleCommand(stuck, Nanos.of(30), Nanos.ZERO, Nanos.ZERO, false, Rig.FACTS));
    for (int i = 0; i < 20; i++) {
      CallRef call = rig.held(good, 5);
      assertThat(rig.settle(call, 5)).isInstanceOf(EndOutcome.Ended.class);
    }
    assertThat(settle).isNotDone();
    store.mend();
    assertThat(Rig.await(settle)).isInstanceOf(EndOutcome.Ended.class);
  }
}
