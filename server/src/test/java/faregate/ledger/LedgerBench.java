package faregate.ledger;

import faregate.id.CallId;
import faregate.id.WalletId;
import faregate.kit.Clock;
import faregate.kit.RandomSource;
import faregate.ledger.Ledger.CallRef;
import faregate.money.Nanos;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/// What the ledger alone does: pairs of hold and settle, durable, with fence and legs.
///
/// Run it with a folder on the disk in question; then, where wanted, clients and wallets: `java -cp
/// … faregate.ledger.LedgerBench /var/lib/faregate 64 1`
final class LedgerBench {
  private static final int WARM_SECONDS = 5;
  private static final int SECONDS = 5;
  private static final int LATENCIES_MAX = 4_000_000;

  private final SqlLedger ledger;
  private final LedgerStore store;
  private final Loop loop = new Loop();
  private final List<WalletId> wallets = new ArrayList<>();
  private final long[] latencies = new long[LATENCIES_MAX];
  private int measured;
  private boolean measuring;
  private volatile boolean over;
  private final AtomicLong pairs = new AtomicLong();
  private final AtomicLong batches = new AtomicLong();
  private final AtomicLong commits = new AtomicLong();

  private LedgerBench(SqliteStore store) {
    this.store = store;
    this.ledger =
        SqlLedger.open(
            store.database,
            Clock.system(),
            RandomSource.secure(),
            LedgerSettings.DEFAULT,
            (_, _, commitNanos) -> {
              batches.incrementAndGet();
              commits.addAndGet(commitNanos);
            });
  }

  public static void main(String[] args) throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory(Path.of(args[0]), "ledger-bench");
    int clients = args.length > 1 ? Integer.parseInt(args[1]) : 64;
    int wallets = args.length > 2 ? Integer.parseInt(args[2]) : 1;
    System.out.printf("fsync of 4 KiB: p50 %.3f ms%n", syncMillis(folder));
    try (SqliteStore store = new SqliteStore(folder.resolve("ledger.db"), Clock.system())) {
      LedgerBench bench = new LedgerBench(store);
      bench.run(clients, wallets);
      LedgerReads.AuditReport report = bench.ledger.audit();
      bench.ledger.close();
      System.out.println("audit: " + (report.isClean() ? "clean" : report.wrong()));
    }
    System.exit(0);
  }

  /// A thread that runs what it is given, as an event loop does.
  private static final class Loop implements Executor {
    private final ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final Thread thread = Thread.ofPlatform().daemon(true).unstarted(this::work);
    private volatile boolean asleep;

    @Override
    public void execute(Runnable task) {
      tasks.add(task);
      if (asleep) {
        asleep = false;
        LockSupport.unpark(thread);
      }
    }

    private void work() {
      while (true) {
        Runnable task = tasks.poll();
        if (task != null) {
          task.run();
        } else {
          asleep = true;
          if (tasks.isEmpty()) {
            LockSupport.park(this);
          }
          asleep = false;
        }
      }
    }
  }

  private void run(int clients, int walletCount) throws InterruptedException {
    fill(walletCount);
    loop.thread.start();
    for (int client = 0; client < clients; client++) {
      int first = client;
      loop.execute(() -> hold(first));
    }
    Thread.sleep(WARM_SECONDS * 1000L);
    loop.execute(() -> measuring = true);
    long pairsBefore = pairs.get();
    long batchesBefore = batches.get();
    long commitsBefore = commits.get();
    long cpuBefore = cpuNanos();
    long writerBefore = writerNanos();
    long start = System.nanoTime();
    Thread.sleep(SECONDS * 1000L);
    double seconds = (System.nanoTime() - start) / 1e9;
    long done = pairs.get() - pairsBefore;
    long count = batches.get() - batchesBefore;
    System.out.printf(
        "the writer's own: %.1f CPU µs a pair%n", (writerNanos() - writerBefore) / 1e3 / done);
    report(seconds, done, count, commits.get() - commitsBefore, cpuNanos() - cpuBefore, clients);
    over = true;
    Thread.sleep(200);
  }

  private void report(
      double seconds, long done, long count, long commitNanos, long cpu, int clients) {
    long[] sorted = Arrays.copyOf(latencies, measured);
    Arrays.sort(sorted);
    System.out.printf(
        "%d clients, %d wallets: %,.0f pairs/s, hold p50 %.2f ms, p99 %.2f ms, %.1f CPU µs a pair,"
            + " %.1f commands a batch, transaction %.2f ms%n",
        clients,
        wallets.size(),
        done / seconds,
        sorted[sorted.length / 2] / 1e6,
        sorted[sorted.length * 99 / 100] / 1e6,
        cpu / 1e3 / done,
        done * 2.0 / count,
        commitNanos / 1e6 / count);
  }

  private void fill(int count) {
    for (int i = 0; i < count; i++) {
      WalletId wallet = new WalletId(store.ids().next());
      wallets.add(wallet);
      ledger.grant(
          new GrantCommand(
              wallet,
              LotKind.PURCHASED,
              Nanos.of(1L << 60),
              0,
              Long.MAX_VALUE,
              "bench",
              "a benchmark"),
          new Reply<>(Runnable::run, _ -> {}));
    }
  }

  private void hold(int turn) {
    if (over) {
      return;
    }
    WalletId wallet = wallets.get(turn % wallets.size());
    CallRef call = new CallRef(new CallId(store.ids().next()), wallet);
    long start = System.nanoTime();
    Nanos most = Nanos.of(10_000_000);
    ledger.hold(
        new HoldCommand(
            call.id(),
            wallet,
            List.of(),
            most,
            most,
            most,
            ledger.nowMicros() + 600_000_000,
            5000,
            "user/token/model"),
        new Reply<>(
            loop,
            outcome -> {
              if (!(outcome instanceof HoldOutcome.Held)) {
                throw new IllegalStateException(outcome.toString());
              }
              note(System.nanoTime() - start);
              settle(call, turn);
            }));
  }

  private void note(long nanos) {
    if (measuring && measured < LATENCIES_MAX) {
      latencies[measured++] = nanos;
    }
  }

  private void settle(CallRef call, int turn) {
    ledger.settle(
        new SettleCommand(call, Nanos.of(2_000_000), Nanos.ZERO, Nanos.ZERO, false, new byte[90]),
        new Reply<>(
            loop,
            _ -> {
              pairs.incrementAndGet();
              hold(turn + 64);
            }));
  }

  private static long writerNanos() {
    var threads = ManagementFactory.getThreadMXBean();
    for (long id : threads.getAllThreadIds()) {
      var thread = threads.getThreadInfo(id);
      if (thread != null && thread.getThreadName().equals("faregate-writer")) {
        return threads.getThreadCpuTime(id);
      }
    }
    return 0;
  }

  private static long cpuNanos() {
    return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }

  private static double syncMillis(Path folder) throws IOException {
    long[] nanos = new long[500];
    try (FileChannel file =
        FileChannel.open(
            folder.resolve("sync"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      for (int i = 0; i < nanos.length; i++) {
        file.write(ByteBuffer.allocate(4096), i * 4096L);
        long start = System.nanoTime();
        file.force(false);
        nanos[i] = System.nanoTime() - start;
      }
    }
    Arrays.sort(nanos);
    return nanos[nanos.length / 2] / 1e6;
  }
}
