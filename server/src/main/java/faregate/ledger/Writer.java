package faregate.ledger;

import faregate.store.Lane;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Brings the ledger's batches to the write thread.
///
/// A batch is whatever queued while the last one was committed. It is decided in memory, written in
/// one transaction behind the fence, and told only then: see [Desk] for one batch, and [Batches]
/// for how it is tried. What ends a hold is tried again until it is written; a mark is dropped, for
/// the next one follows; everything else is answered `Unavailable`: see [Backlog]. Nothing is told
/// that is not durable, and a batch whose fate is uncertain is not told before that is known: see
/// [Doubt].
///
/// This class opens the gate and shuts it: it takes the fences, ends what an earlier life left, and
/// begins anew whenever memory is not to be believed. When the fence was taken over, nothing more
/// is written until [#enter] gives it another number.
final class Writer implements Lane.Source {
  private static final Logger LOG = LoggerFactory.getLogger(Writer.class);
  private static final long RETRY_NANOS = 100_000_000;

  private final Queue queue;
  private final Surroundings around;
  private final LedgerSettings settings;
  private final Share share;
  private final Backlog backlog;
  private final Tally tally = new Tally();
  private final CompletableFuture<Boolean> drained = new CompletableFuture<>();
  private final ConcurrentLinkedQueue<Runnable> orders = new ConcurrentLinkedQueue<>();
  private CompletableFuture<LedgerTime> opened = new CompletableFuture<>();
  private int node;
  private long epoch;
  private boolean shared;
  private @Nullable Connection prepared;
  private @Nullable Batches batches;
  private @Nullable LedgerTime time;

  /// The fences as they were under the number that was lost.
  private List<Fence> before = List.of();

  /// Why this process may not go on though it has a number; empty when it may.
  private String forgotten = "";

  private volatile boolean closing;

  Writer(Queue queue, Surroundings around, LedgerSettings settings, Share share) {
    this.queue = queue;
    this.around = around;
    this.settings = settings;
    this.share = share;
    this.backlog = new Backlog(around.clock());
    this.node = around.node();
    this.epoch = around.random().nextLong();
  }

  /// Completed when the holds of the previous life have ended and the gate may open.
  CompletableFuture<LedgerTime> opened() {
    return opened;
  }

  /// The node's number was taken from it: refuses everything from now on. Any thread.
  ///
  /// @return completed when nothing is remembered any more
  CompletableFuture<Boolean> leave() {
    CompletableFuture<Boolean> left = new CompletableFuture<>();
    orders.add(
        () -> {
          stop("this node was declared dead and is joining again; its calls are ended elsewhere");
          left.complete(true);
        });
    return left;
  }

  /// Goes on under another number. Any thread.
  ///
  /// @return completed when what was open under it has ended
  CompletableFuture<LedgerTime> enter(int number) {
    CompletableFuture<LedgerTime> entered = new CompletableFuture<>();
    orders.add(
        () -> {
          if (!forgotten.isEmpty()) {
            entered.completeExceptionally(new IllegalStateException(forgotten));
            return;
          }
          stop("the ledger is opening under another number");
          opened = entered;
          node = number;
          epoch = around.random().nextLong();
          backlog.start();
        });
    return entered;
  }

  /// Asks to finish what is queued. Nothing may be added any more.
  ///
  /// @return completed when everything has been answered
  CompletableFuture<Boolean> drain() {
    closing = true;
    return drained;
  }

  /// Answers what could not be written. Only after the write thread has let go.
  int refuseUnwritten(String reason) {
    while (obey()) {
      // Whoever waits for it is let go.
    }
    opened.completeExceptionally(new IllegalStateException(reason));
    return backlog.refuse(reason);
  }

  LedgerState state() {
    return tally.state();
  }

  @Override
  public boolean run(Lane.Session session) {
    boolean worked = obey();
    shared = session.isShared();
    if (!backlog.isStopped() && batches == null) {
      open(session);
    }
    Batches open = batches;
    worked |= open == null ? refuseQueued() : work(session, open);
    if (closing) {
      finish();
    }
    return worked;
  }

  private boolean obey() {
    Runnable order = orders.poll();
    if (order == null) {
      return false;
    }
    order.run();
    return true;
  }

  private boolean work(Lane.Session session, Batches open) {
    boolean worked = open.turn();
    if (!open.isSound()) {
      part(session);
    }
    if (worked && !backlog.isStopped()) {
      open.show();
    }
    return worked;
  }

  private void finish() {
    Batches open = batches;
    if (open != null) {
      open.desk().clearLine().forEach(hold -> hold.refuse("the ledger is closing"));
    }
    if (queue.size() == 0 && backlog.isEmpty()) {
      drained.complete(true);
    }
  }

  @Override
  public long sleepNanosMax() {
    Batches open = batches;
    if (!orders.isEmpty()) {
      return 1;
    }
    if (backlog.isStopped()) {
      return Long.MAX_VALUE;
    }
    return open == null ? RETRY_NANOS : open.sleepNanosMax();
  }

  /// Reads the rows, at the start and whenever memory is not to be believed.
  private void open(Lane.Session session) {
    backlog.giveUpHolds();
    if (!backlog.isRetryDue()) {
      return;
    }
    try {
      Connection connection = connection(session);
      Doubt uncertain = backlog.doubt();
      if (uncertain == null) {
        enter(session, connection);
      } else {
        settle(connection, uncertain);
      }
    } catch (FenceLostException e) {
      stop(String.valueOf(e.getMessage()));
      lost();
    } catch (LostCommitsException e) {
      forgotten = String.valueOf(e.getMessage());
      LOG.error("the ledger stops: {}", forgotten);
      stop(forgotten);
    } catch (SQLException | RuntimeException e) {
      backlog.fail(e);
      session.broken();
      opened.completeExceptionally(e);
    }
  }

  private Connection connection(Lane.Session session) throws SQLException {
    Connection connection = session.connection();
    if (shared && !connection.equals(prepared)) {
      SharedSql.prepare(connection);
      prepared = connection;
    }
    return connection;
  }

  private void enter(Lane.Session session, Connection connection) throws SQLException {
    for (Fence left : before) {
      FenceSql.read(connection, left).mustNotPrecede(left);
    }
    List<Fence> fences = new ArrayList<>();
    for (int bucket : share.fences()) {
      fences.add(FenceSql.take(connection, bucket, node, epoch));
    }
    Desk desk = desk(connection, fences);
    LedgerTime now = time;
    if (now == null) {
      long stored = fences.stream().mapToLong(Fence::storedMicros).max().orElse(0);
      now = LedgerTime.of(around.clock(), shared, stored, desk.nowMicros());
    } else {
      now.brought(desk.nowMicros(), around.clock().nanoTime());
    }
    time = now;
    before = List.of();
    backlog.wrote();
    start(session, batches(desk, now), now);
  }

  /// Ends what the previous life left open; then the gate opens.
  private void start(Lane.Session session, Batches fresh, LedgerTime now) {
    batches = fresh;
    fresh.recover();
    if (backlog.hasWrittenAll()) {
      opened.complete(now);
    } else {
      opened.completeExceptionally(new IllegalStateException(fresh.trouble()));
    }
    if (!fresh.isSound()) {
      part(session);
    }
    if (!backlog.isStopped()) {
      fresh.show();
    }
  }

  /// Goes on after a connection broke, once it is known what became of the batch that was on it.
  ///
  /// The doubt is kept until the rows have been read: without it this would look like a start,
  /// which ends every hold that is open.
  private void settle(Connection connection, Doubt uncertain) throws SQLException {
    LedgerTime now = time;
    if (now == null) {
      throw new IllegalStateException("a batch is in doubt that was never carried out");
    }
    long next = Print.mix(epoch);
    Desk desk = desk(connection, uncertain.resolve(connection, next));
    backlog.settle(uncertain);
    epoch = next;
    Batches fresh = batches(desk, now);
    batches = fresh;
    // There may be nothing left to do that would show it.
    fresh.show();
  }

  private Desk desk(Connection connection, List<Fence> fences) throws SQLException {
    return new Desk(connection, place(), fences, settings, backlog.aside().contested());
  }

  private Batches batches(Desk desk, LedgerTime now) {
    return new Batches(desk, now, place(), settings, queue, backlog, tally);
  }

  private Place place() {
    return new Place(around, share, node, shared);
  }

  /// Lets go of a desk that is not to be believed any more.
  private void part(Lane.Session session) {
    if (backlog.doubt() != null) {
      session.broken();
    }
    if (backlog.isStopped()) {
      stop(backlog.failure());
      lost();
    }
    batches = null;
  }

  /// The number is not this node's own any more.
  private void lost() {
    LOG.error("the ledger stops: {}", backlog.failure());
    opened.completeExceptionally(new IllegalStateException(backlog.failure()));
    around.lost().run();
  }

  /// Writes nothing more, and remembers nothing.
  private void stop(String reason) {
    Batches open = batches;
    batches = null;
    String told = forgotten.isEmpty() ? reason : forgotten;
    Doubt doubt = backlog.doubt();
    if (open != null) {
      before = List.copyOf(open.desk().fences());
      open.desk().clearLine().forEach(hold -> hold.refuse(told));
    } else if (doubt != null) {
      before = List.copyOf(doubt.desk().fences());
    }
    backlog.stop(told);
    tally.showStopped(queue, told);
  }

  private boolean refuseQueued() {
    List<Work> batch = new ArrayList<>();
    queue.drainTo(batch, Integer.MAX_VALUE);
    backlog.take(batch, backlog.failure());
    return !batch.isEmpty();
  }
}
