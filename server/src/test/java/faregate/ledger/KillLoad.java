package faregate.ledger;

import faregate.id.CallId;
import faregate.id.WalletId;
import faregate.kit.Clock;
import faregate.ledger.Ledger.CallRef;
import faregate.money.Nanos;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// A process that is to be killed: it works on a ledger as fast as it can and writes down what was
/// acknowledged, only after it was.
///
/// Arguments: the database, the file of acknowledgements, a seed, wallets.
final class KillLoad {
  private static final int CLIENTS = 32;

  private final Rig rig;
  private final OutputStream acknowledged;
  private final List<WalletId> wallets = new ArrayList<>();

  private KillLoad(Rig rig, OutputStream acknowledged) {
    this.rig = rig;
    this.acknowledged = acknowledged;
  }

  public static void main(String[] args) throws IOException, InterruptedException {
    LedgerStore store = new SqliteStore(Path.of(args[0]), Clock.system());
    OutputStream out =
        Files.newOutputStream(
            Path.of(args[1]), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    KillLoad load = new KillLoad(new Rig(store, Clock.system(), LedgerSettings.DEFAULT), out);
    for (int at = 3; at < args.length; at++) {
      load.wallets.add(new WalletId(Long.parseLong(args[at])));
    }
    load.acknowledge("ready");
    List<Thread> clients = new ArrayList<>();
    for (int client = 0; client < CLIENTS; client++) {
      SplittableRandom random = new SplittableRandom(Long.parseLong(args[2]) * CLIENTS + client);
      clients.add(Thread.startVirtualThread(() -> load.work(random)));
    }
    for (Thread client : clients) {
      client.join();
    }
  }

  private void work(SplittableRandom random) {
    while (true) {
      WalletId wallet = wallets.get(random.nextInt(wallets.size()));
      long amount = 1 + random.nextLong(1000);
      CallId id = rig.newCall();
      if (!(rig.hold(rig.command(id, wallet, amount, 1000)) instanceof HoldOutcome.Held)) {
        continue;
      }
      acknowledge("held " + id.value() + " " + amount);
      CallRef call = new CallRef(id, wallet);
      int kind = random.nextInt(10);
      if (kind < 3) {
        rig.ledger.mark(call, Nanos.of(random.nextLong(amount + 1)), Rig.FACTS);
      }
      if (kind < 8) {
        long charge = random.nextLong(amount + 1);
        rig.settle(call, charge);
        acknowledge("settled " + id.value() + " " + charge);
      } else {
        rig.release(call);
        acknowledge("released " + id.value() + " 0");
      }
    }
  }

  /// One write for each line, so that a kill cuts at most the last one off.
  private void acknowledge(String line) {
    try {
      synchronized (acknowledged) {
        acknowledged.write((line + "\n").getBytes(StandardCharsets.UTF_8));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
