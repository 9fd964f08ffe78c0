package faregate.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import faregate.id.CallId;
import faregate.id.WalletId;
import faregate.kit.Clock;
import faregate.ledger.Ledger.CallRef;
import faregate.money.Nanos;
import faregate.store.PostgresServers;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// Whoever lost the fence can write nothing any more.
class LedgerFenceTest {
  @TempDir Path folder;

  enum Kept {
    SQLITE,
    POSTGRES_15,
    POSTGRES_18
  }

  private LedgerStore store(Kept kept) {
    return switch (kept) {
      case SQLITE -> new SqliteStore(folder.resolve("ledger.db"), Clock.system());
      case POSTGRES_15 -> postgres(PostgresServers.OLD);
      case POSTGRES_18 -> postgres(PostgresServers.NEW);
    };
  }

  private static LedgerStore postgres(String release) {
    return new PostgresStore(PostgresServers.shared(release).database(), Clock.system());
  }

  @ParameterizedTest
  @CsvSource({
    "SQLITE, UPDATE fence SET epoch = epoch + 1",
    "SQLITE, 'UPDATE fence SET epoch = 1, seq = seq + 1'",
    "POSTGRES_15, UPDATE fence SET epoch = epoch + 1",
    "POSTGRES_15, 'UPDATE fence SET epoch = 1, seq = seq + 1'",
    "POSTGRES_18, UPDATE fence SET epoch = epoch + 1",
    "POSTGRES_18, 'UPDATE fence SET epoch = 1, seq = seq + 1'"
  })
  void aBatchDelayedPastAChangeOfItsFenceChangesNothing(Kept kept, String change) {
    try (LedgerStore store = store(kept)) {
      Rig zombie = new Rig(store, Clock.system(), LedgerSettings.DEFAULT);
      WalletId wallet = zombie.walletWith(100);
      CallRef open = zombie.held(wallet, 40);
      CallId late = zombie.newCall();
      CompletableFuture<HoldOutcome> hold;
      CompletableFuture<EndOutcome> settle;
      try (LedgerStore.Stall _ = store.stall(change)) {
        hold = zombie.holdLater(zombie.command(late, wallet, 10, 0));
        settle = zombie.settleLater(settlement(open, 15));
      }
      assertThat(Rig.await(hold)).isInstanceOf(HoldOutcome.Unavailable.class);
      assertThat(((EndOutcome.Unavailable) Rig.await(settle)).reason())
          .contains("taken over", "restarted");
      if (!store.isShared()) {
        assertThat(zombie.hold(zombie.newCall(), wallet, 1))
            .isInstanceOf(HoldOutcome.Unavailable.class);
        assertThat(zombie.ledger.state().canWrite()).isFalse();
      }
      assertThat(zombie.ledger.call(late)).isEmpty();
      assertThat(zombie.ledger.call(open.id()).orElseThrow().ended()).isNull();
      assertThat(zombie.only(wallet, LedgerReads.Lot::posted)).isZero();
      zombie.assertClean();

      Rig next = next(store, zombie);
      assertThat(next.ending(open).reason()).isEqualTo("recovery");
      next.assertClean();
      next.close();
    }
  }

  @ParameterizedTest
  @EnumSource
  void aZombieLeavesNobodyWaitingInItsLine(Kept kept) {
    try (LedgerStore store = store(kept)) {
      Rig zombie = new Rig(store, Clock.system(), LedgerSettings.DEFAULT);
      WalletId wallet = zombie.walletWith(100);
      CallRef open = zombie.held(wallet, 100);
      var waiting = zombie.holdLater(zombie.command(zombie.newCall(), wallet, 10, 60_000));
      zombie.turn();
      store.execute("UPDATE fence SET epoch = epoch + 1");
      assertThat(zombie.settle(open, 1)).isInstanceOf(EndOutcome.Unavailable.class);
      assertThat(Rig.await(waiting)).isInstanceOf(HoldOutcome.Unavailable.class);
      zombie.close();
    }
  }

  /// Whoever ends what the zombie left: a new life of the process, or a node, here itself under
  /// another number.
  private static Rig next(LedgerStore store, Rig zombie) {
    if (!(store instanceof PostgresStore shared)) {
      zombie.close();
      return new Rig(store, Clock.system(), LedgerSettings.DEFAULT);
    }
    await().until(() -> shared.database.node() == 2 && zombie.ledger.state().canWrite());
    zombie.ledger.recover(1, shared.beat(1));
    return zombie;
  }

  private static SettleCommand settlement(CallRef call, long charge) {
    return new SettleCommand(call, Nanos.of(charge), Nanos.ZERO, Nanos.ZERO, false, Rig.FACTS);
  }
}
