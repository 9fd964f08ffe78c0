package faregate.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import faregate.id.WalletId;
import faregate.kit.Clock;
import faregate.ledger.Ledger.CallRef;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A copy that is made under load is whole, and so is the audit that runs beside it.
class LedgerBackupTest {
  @TempDir Path folder;

  @Test
  void aCopyMadeUnderLoadPassesAudit() throws InterruptedException {
    try (SqliteStore store = new SqliteStore(folder.resolve("ledger.db"), Clock.system());
        Rig rig = new Rig(store, Clock.system(), LedgerSettings.DEFAULT)) {
      AtomicBoolean over = new AtomicBoolean();
      Queue<CallRef> settled = new ConcurrentLinkedQueue<>();
      List<Thread> clients = new ArrayList<>();
      for (int client = 0; client < 16; client++) {
        WalletId wallet = rig.walletWith(1_000_000_000);
        clients.add(
            Thread.startVirtualThread(
                () -> {
                  while (!over.get()) {
                    CallRef call = rig.held(wallet, 10);
                    rig.settle(call, 7);
                    settled.add(call);
                  }
                }));
      }
      for (int round = 0; round < 3; round++) {
        Thread.sleep(150);
        List<CallRef> before = List.copyOf(settled);
        Path copy = folder.resolve("copy-" + round + ".db");
        store.database.backup(copy);
        rig.assertClean();
        check(copy, before);
      }
      over.set(true);
      for (Thread client : clients) {
        client.join();
      }
    }
  }

  private static void check(Path copy, List<CallRef> before) {
    try (SqliteStore store = new SqliteStore(copy, Clock.system());
        Rig rig = new Rig(store, Clock.system(), LedgerSettings.DEFAULT)) {
      rig.assertClean();
      assertThat(rig.ledger.holdsOpen()).isZero();
      assertThat(before).isNotEmpty();
      for (CallRef call : before.subList(Math.max(0, before.size() - 200), before.size())) {
        assertThat(rig.ending(call).charge().value()).isEqualTo(7);
      }
    }
  }
}
