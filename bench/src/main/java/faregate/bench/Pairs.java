package faregate.bench;

import com.sun.management.OperatingSystemMXBean;
import faregate.id.CallId;
import faregate.id.LotId;
import faregate.id.WalletId;
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
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Clients that hold, settle, and hold again, each pair durable twice. Prints one line of JSON.
///
/// The clients live on one thread of their own, as exchanges live on an event loop, so that the
/// figure has the hand-over between threads in it.
final class Pairs {
  private static final Nanos HELD = new Nanos(2_000_000);
  private static final Nanos CHARGE = new Nanos(300_000);
  private static final int PAIRS_MAX = 20_000_000;
  private static final int FACTS_BYTES = 96;
  private static final int SECONDS_MAX = 10;

  /// How the calls are.
  ///
  /// @param limits spending limits that each hold counts against, so that it has more legs
  /// @param refused how many of a hundred holds find an empty wallet
  /// @param marked whether each call leaves a mark before it ends
  record Kind(List<LotId> limits, int refused, boolean marked) {
    static final Kind PLAIN = new Kind(List.of(), 0, false);
  }

  private final SqlLedger ledger;
  private final IdSource ids;
  private final List<WalletId> wallets;
  private final Kind kind;
  private final WalletId empty;
  private final SplittableRandom random = new SplittableRandom();
  private final ExecutorService loop =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().name("clients").factory());
  private final byte[] facts = new byte[FACTS_BYTES];
  private final int[] micros = new int[PAIRS_MAX];
  private int pairs;
  private boolean counting;
  private volatile boolean stopping;
  private volatile @Nullable String failure;

  Pairs(SqlLedger ledger, IdSource ids, List<WalletId> wallets, Kind kind) {
    this.ledger = ledger;
    this.ids = ids;
    this.wallets = wallets;
    this.kind = kind;
    this.empty = new WalletId(ids.next());
  }

  /// Brings more credit into a wallet than any run spends.
  static LotId grant(SqlLedger ledger, WalletId wallet, LotKind kind, String ref) {
    return grantLater(ledger, wallet, kind, ref).join();
  }

  static CompletableFuture<LotId> grantLater(
      SqlLedger ledger, WalletId wallet, LotKind kind, String ref) {
    CompletableFuture<GrantOutcome> done = new CompletableFuture<>();
    GrantCommand credit =
        new GrantCommand(wallet, kind, Nanos.ofUsd("1000000"), 0, Long.MAX_VALUE, ref, "bench");
    ledger.grant(credit, Reply.future(done));
    return done.thenApply(
        outcome ->
            switch (outcome) {
              case GrantOutcome.Granted granted -> granted.lot();
              case GrantOutcome.GrantedBefore before -> before.lot();
              case GrantOutcome.Different no -> throw new IllegalStateException(no.difference());
              case GrantOutcome.TooMuch no ->
                  throw new IllegalStateException("only up to " + no.most());
              case GrantOutcome.Unavailable no -> throw new IllegalStateException(no.reason());
            });
  }

  void run(int clients, int warmSeconds, int seconds) throws Exception {
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
    TimeUnit.MILLISECONDS.sleep(200);
    loop.shutdown();
    if (failure != null) {
      throw new IllegalStateException(failure);
    }
    print(took, processor);
  }

  private void onLoop(Runnable task) throws Exception {
    loop.submit(task).get(SECONDS_MAX, TimeUnit.SECONDS);
  }

  private void hold() {
    long start = System.nanoTime();
    boolean refused = kind.refused() > 0 && random.nextInt(100) < kind.refused();
    WalletId wallet = refused ? empty : wallets.get(random.nextInt(wallets.size()));
    CallId id = new CallId(ids.next());
    HoldCommand command =
        new HoldCommand(
            id,
            wallet,
            refused ? List.of() : kind.limits(),
            HELD,
            HELD,
            HELD,
            ledger.nowMicros() + 60_000_000,
            5_000,
            "bench");
    ledger.hold(
        command,
        new Reply<>(
            this::later, outcome -> settle(new Ledger.CallRef(id, wallet), outcome, start)));
  }

  private void settle(Ledger.CallRef call, HoldOutcome outcome, long start) {
    if (outcome instanceof HoldOutcome.Refused && call.wallet().equals(empty)) {
      next(start);
      return;
    }
    if (!(outcome instanceof HoldOutcome.Held)) {
      failure = "a hold was answered with " + outcome;
      return;
    }
    if (kind.marked()) {
      ledger.mark(call, CHARGE, facts);
    }
    SettleCommand command = new SettleCommand(call, CHARGE, Nanos.ZERO, Nanos.ZERO, false, facts);
    ledger.settle(command, new Reply<>(this::later, ended -> ended(ended, start)));
  }

  private void ended(EndOutcome outcome, long start) {
    if (outcome instanceof EndOutcome.Ended) {
      next(start);
    } else {
      failure = "a settle was answered with " + outcome;
    }
  }

  private void next(long start) {
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
            + "\"max_micros\":%d,\"processor_micros_per_pair\":%.1f}%n",
        pairs * 1e9 / tookNanos,
        micros[pairs / 2],
        micros[(int) (pairs * 0.99)],
        micros[Math.max(0, pairs - 1)],
        processorNanos / 1e3 / pairs);
  }
}
