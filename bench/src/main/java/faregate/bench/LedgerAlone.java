package faregate.bench;

import com.sun.management.OperatingSystemMXBean;
import faregate.id.CallId;
import faregate.id.WalletId;
import faregate.kit.Clock;
import faregate.kit.IdSource;
import faregate.ledger.EndOutcome;
import faregate.ledger.GrantCommand;
import faregate.ledger.GrantOutcome;
import faregate.ledger.HoldCommand;
import faregate.ledger.HoldOutcome;
import faregate.ledger.Ledger;
import faregate.ledger.LotKind;
import faregate.ledger.Reply;
import faregate.ledger.SettleCommand;
import faregate.ledger.SqlLedger;
import faregate.money.Nanos;
import faregate.store.Database;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/// The ledger without a network: clients that hold, settle, and hold again, all on one wallet, each
/// pair durable twice. Prints one line of JSON.
///
/// The clients live on one thread of their own, as exchanges live on an event loop, so that the
/// figure has the hand-over between threads in it.
final class LedgerAlone {
  private static final Nanos HELD = new Nanos(2_000_000);
  private static final Nanos CHARGE = new Nanos(300_000);
  private static final int PAIRS_MAX = 4_000_000;
  private static final int FACTS_BYTES = 96;

  private final SqlLedger ledger;
  private final IdSource ids;
  private final WalletId wallet;
  private final ExecutorService loop =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().name("clients").factory());
  private final byte[] facts = new byte[FACTS_BYTES];
  private final int[] micros = new int[PAIRS_MAX];
  private int pairs;
  private boolean counting;
  private volatile boolean stopping;
  private volatile String failure = "";

  private LedgerAlone(SqlLedger ledger, IdSource ids, WalletId wallet) {
    this.ledger = ledger;
    this.ids = ids;
    this.wallet = wallet;
  }

  /// @param arguments folder, clients, seconds to warm up, seconds to measure
  static void main(String[] arguments) throws Exception {
    Path file = Path.of(arguments[0]).resolve("ledger-alone.db");
    int clients = Integer.parseInt(arguments[1]);
    Clock clock = Clock.system();
    try (Database database = Database.openSqlite(file, clock);
        SqlLedger ledger = SqlLedger.open(database, clock)) {
      WalletId wallet = new WalletId(database.ids().next());
      LedgerAlone alone = new LedgerAlone(ledger, database.ids(), wallet);
      alone.grant();
      alone.run(clients, Integer.parseInt(arguments[2]), Integer.parseInt(arguments[3]));
    }
  }

  private void grant() {
    CompletableFuture<GrantOutcome> done = new CompletableFuture<>();
    GrantCommand credit =
        new GrantCommand(
            wallet, LotKind.PURCHASED, Nanos.ofUsd("1000000"), 0, Long.MAX_VALUE, "bench", "bench");
    ledger.grant(credit, Reply.future(done));
    if (!(done.join() instanceof GrantOutcome.Granted)) {
      throw new IllegalStateException("no credit: " + done.join());
    }
  }

  private void run(int clients, int warmSeconds, int seconds) throws Exception {
    for (int client = 0; client < clients; client++) {
      loop.execute(this::hold);
    }
    TimeUnit.SECONDS.sleep(warmSeconds);
    onLoop(() -> counting = true);
    long start = System.nanoTime();
    long processor = processorNanos();
    TimeUnit.SECONDS.sleep(seconds);
    onLoop(() -> counting = false);
    long took = System.nanoTime() - start;
    processor = processorNanos() - processor;
    stopping = true;
    loop.shutdown();
    if (!failure.isEmpty()) {
      throw new IllegalStateException(failure);
    }
    print(took, processor);
  }

  private void onLoop(Runnable task) throws Exception {
    loop.submit(task).get(10, TimeUnit.SECONDS);
  }

  private void hold() {
    long start = System.nanoTime();
    CallId id = new CallId(ids.next());
    long deadline = ledger.nowMicros() + 60_000_000;
    HoldCommand command =
        new HoldCommand(id, wallet, List.of(), HELD, HELD, HELD, deadline, 5_000, "bench");
    ledger.hold(command, new Reply<>(this::later, outcome -> settle(id, outcome, start)));
  }

  private void settle(CallId id, HoldOutcome outcome, long start) {
    if (!(outcome instanceof HoldOutcome.Held)) {
      failure = "a hold was answered with " + outcome;
      return;
    }
    Ledger.CallRef call = new Ledger.CallRef(id, wallet);
    SettleCommand command = new SettleCommand(call, CHARGE, Nanos.ZERO, Nanos.ZERO, false, facts);
    ledger.settle(command, new Reply<>(this::later, ended -> ended(ended, start)));
  }

  private void ended(EndOutcome outcome, long start) {
    if (!(outcome instanceof EndOutcome.Ended)) {
      failure = "a settle was answered with " + outcome;
      return;
    }
    if (counting && pairs < PAIRS_MAX) {
      micros[pairs++] = (int) ((System.nanoTime() - start) / 1_000);
    }
    if (!stopping) {
      hold();
    }
  }

  private void later(Runnable task) {
    if (!loop.isShutdown()) {
      loop.execute(task);
    }
  }

  private static long processorNanos() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }

  private void print(long tookNanos, long processorNanos) {
    Arrays.sort(micros, 0, pairs);
    System.out.printf(
        "{\"pairs_per_second\":%.0f,\"p50_micros\":%d,\"p99_micros\":%d,"
            + "\"processor_micros_per_pair\":%.1f}%n",
        pairs * 1e9 / tookNanos,
        micros[pairs / 2],
        micros[(int) (pairs * 0.99)],
        processorNanos / 1e3 / pairs);
  }
}
