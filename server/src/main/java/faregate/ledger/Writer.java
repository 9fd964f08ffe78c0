package faregate.ledger;

import faregate.id.CallId;
import faregate.ledger.Desk.Moment;
import faregate.store.Lane;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Brings the ledger's batches to the write thread.
///
/// A batch is whatever queued while the last one was committed. It is decided in memory, written in
/// one transaction behind the fence, and told only then: see [Desk]. A batch that fails is decided
/// again on rows read afresh, then command by command, so that one bad command cannot hold up the
/// others. What ends a hold is tried again until it is written; a mark is dropped, for the next one
/// follows; everything else is answered `Unavailable`. Nothing is told that is not durable.
///
/// When the fence was taken over, nothing more is written, ever.
final class Writer implements Lane.Source {
  private static final Logger LOG = LoggerFactory.getLogger(Writer.class);
  private static final long TICK_NANOS = 1_000_000_000;
  private static final long RETRY_NANOS = 100_000_000;
  private static final int BUCKET = 0;

  private final Queue queue;
  private final Surroundings around;
  private final LedgerSettings settings;
  private final long epoch;
  private final CompletableFuture<LedgerTime> opened = new CompletableFuture<>();
  private final CompletableFuture<Boolean> drained = new CompletableFuture<>();

  /// Ends of holds whose transaction failed.
  private final List<Work> unwritten = new ArrayList<>();

  private @Nullable Desk desk;
  private @Nullable LedgerTime time;
  private long tickedNanos;
  private long retryNanos;
  private String holdsStopped = "";
  private String failure = "";
  private boolean lost;
  private long batches;
  private long commands;
  private volatile boolean closing;
  private volatile LedgerState state = new LedgerState(0, 0, 0, 0, 0, 0, "the ledger is opening");

  Writer(Queue queue, Surroundings around, LedgerSettings settings) {
    this.queue = queue;
    this.around = around;
    this.settings = settings;
    this.epoch = around.random().nextLong();
    this.retryNanos = around.clock().nanoTime();
    this.tickedNanos = retryNanos - TICK_NANOS;
  }

  /// Completed when the holds of the previous life have ended and the gate may open.
  CompletableFuture<LedgerTime> opened() {
    return opened;
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
    int count = unwritten.size();
    unwritten.forEach(work -> work.refuse(reason));
    unwritten.clear();
    return count;
  }

  LedgerState state() {
    return state;
  }

  @Override
  public boolean run(Connection connection) {
    if (!lost && desk == null) {
      open(connection);
    }
    Desk open = lost ? null : desk;
    LedgerTime now = time;
    boolean worked = (open == null || now == null) ? refuseQueued() : work(open, now);
    if (closing) {
      finish(open);
    }
    return worked;
  }

  private void finish(@Nullable Desk open) {
    if (open != null) {
      open.clearLine().forEach(hold -> hold.refuse("the ledger is closing"));
    }
    if (queue.size() == 0 && unwritten.isEmpty()) {
      drained.complete(true);
    }
  }

  @Override
  public long sleepNanosMax() {
    Desk open = desk;
    if (lost) {
      return Long.MAX_VALUE;
    }
    if (open == null) {
      return RETRY_NANOS;
    }
    long nanos = around.clock().nanoTime();
    long sleep = open.nanosUntilDue(nanos);
    if (!unwritten.isEmpty()) {
      sleep = Math.min(sleep, retryNanos - nanos);
    }
    if (open.holdsOpen() > 0 || open.waiting() > 0 || !failure.isEmpty()) {
      sleep = Math.min(sleep, tickedNanos + TICK_NANOS - nanos);
    }
    return Math.max(sleep, 1);
  }

  /// Reads the rows, at the start and whenever memory is not to be believed.
  private void open(Connection connection) {
    if (around.clock().nanoTime() - retryNanos < 0) {
      return;
    }
    try {
      if (time == null) {
        Fence fence = FenceSql.take(connection, BUCKET, around.node(), epoch);
        desk = new Desk(connection, fence, around.clock(), around.ids(), settings);
        start(desk, new LedgerTime(around.clock(), fence.storedMicros()));
      } else {
        desk = reopen(connection);
        failure = "";
      }
    } catch (FenceLostException e) {
      lose(e);
    } catch (SQLException | RuntimeException e) {
      fail(e);
      opened.completeExceptionally(e);
    }
  }

  private Desk reopen(Connection connection) throws SQLException {
    Fence own = new Fence(Fence.id(BUCKET, around.node()), BUCKET, around.node(), epoch, 0, 0);
    Fence stored = FenceSql.read(connection, own);
    if (stored.epoch() != epoch) {
      throw new FenceLostException(own);
    }
    return new Desk(connection, stored, around.clock(), around.ids(), settings);
  }

  /// Ends what the previous life left open; then the gate opens.
  private void start(Desk fresh, LedgerTime now) {
    time = now;
    List<CallId> left = fresh.openCalls();
    for (int from = 0; from < left.size(); from += settings.batchMax()) {
      List<Work> batch = new ArrayList<>();
      for (CallId id : left.subList(from, Math.min(left.size(), from + settings.batchMax()))) {
        batch.add(new Work.Expire(id, "recovery"));
      }
      carryOut(fresh, batch, moment(now, false));
    }
    if (unwritten.isEmpty() && !lost) {
      opened.complete(now);
    } else {
      opened.completeExceptionally(new IllegalStateException(trouble()));
    }
    show(fresh);
  }

  private Moment moment(LedgerTime now, boolean tick) {
    return new Moment(now.advance(), around.clock().nanoTime(), tick, holdsStopped);
  }

  private boolean work(Desk open, LedgerTime now) {
    long nanos = around.clock().nanoTime();
    boolean tick = nanos - tickedNanos >= TICK_NANOS;
    if (tick) {
      tickedNanos = nanos;
      checkDisk();
    }
    Moment moment = moment(now, tick);
    List<Work> batch = collect(open, moment, tick || now.jumped());
    boolean due = open.nanosUntilDue(nanos) == 0 || (tick && open.waiting() > 0);
    boolean probe = tick && !failure.isEmpty();
    if (batch.isEmpty() && !due && !probe) {
      return false;
    }
    carryOut(open, batch, moment);
    if (lost || open.isUncertain()) {
      open.clearLine().forEach(hold -> hold.refuse(failure));
      desk = null;
    }
    show(open);
    return true;
  }

  private List<Work> collect(Desk open, Moment moment, boolean sweep) {
    List<Work> batch = new ArrayList<>();
    if (!unwritten.isEmpty() && moment.nanos() - retryNanos >= 0) {
      List<Work> again = unwritten.subList(0, Math.min(unwritten.size(), settings.batchMax()));
      batch.addAll(again);
      again.clear();
    }
    if (sweep) {
      Set<@Nullable CallId> ending = new HashSet<>();
      unwritten.forEach(work -> ending.add(work.ends()));
      for (CallId id : open.overdue(moment.micros() - settings.graceMillis() * 1000L)) {
        if (!ending.contains(id)) {
          batch.add(new Work.Expire(id, "deadline"));
        }
      }
    }
    queue.drainTo(batch, settings.batchMax());
    return batch;
  }

  private void carryOut(Desk open, List<Work> batch, Moment moment) {
    try {
      attempt(open, batch, moment);
    } catch (FenceLostException e) {
      give(batch, e);
    } catch (SQLException | RuntimeException e) {
      LOG.warn("a batch of the ledger failed and is decided again: {}", e.toString());
      again(open, batch, moment);
    }
  }

  private void again(Desk open, List<Work> batch, Moment moment) {
    try {
      attempt(open, batch, moment);
    } catch (FenceLostException e) {
      give(batch, e);
    } catch (SQLException | RuntimeException e) {
      LOG.warn("a batch of the ledger failed twice, now command by command: {}", e.toString());
      for (Work work : batch) {
        alone(open, work, moment);
      }
    }
  }

  private void alone(Desk open, Work work, Moment moment) {
    try {
      attempt(open, List.of(work), moment);
    } catch (FenceLostException e) {
      give(List.of(work), e);
    } catch (SQLException | RuntimeException e) {
      give(List.of(work), e);
    }
  }

  /// One try, unless the ledger was lost by an earlier one, or its memory is not to be believed.
  private void attempt(Desk open, List<Work> batch, Moment moment) throws SQLException {
    if (lost || open.isUncertain()) {
      throw new IllegalStateException(failure);
    }
    try {
      Desk.Result result = open.carryOut(batch, moment, !failure.isEmpty());
      if (result.wrote()) {
        failure = "";
        batches++;
      }
      commands += result.answered();
      around.watch().batch(result.answered(), result.rows(), result.commitNanos());
      show(open);
      open.tell();
    } catch (FenceLostException e) {
      lose(e);
      throw e;
    } catch (SQLException | RuntimeException e) {
      fail(e);
      throw e;
    }
  }

  private void give(List<Work> batch, Exception cause) {
    String reason = String.valueOf(cause.getMessage());
    for (Work work : batch) {
      if (work.mustBeWritten() && !lost) {
        unwritten.add(work);
      } else {
        work.refuse(reason);
      }
    }
  }

  private void fail(Exception cause) {
    failure = "the ledger cannot write: " + cause.getMessage();
    retryNanos = around.clock().nanoTime() + RETRY_NANOS;
  }

  private void lose(FenceLostException cause) {
    LOG.error("the ledger stops: {}", cause.getMessage());
    lost = true;
    failure = String.valueOf(cause.getMessage());
    opened.completeExceptionally(cause);
  }

  private String trouble() {
    return failure.isEmpty() ? holdsStopped : failure;
  }

  private void show(Desk open) {
    state =
        new LedgerState(
            queue.size(),
            open.waiting(),
            open.holdsOpen(),
            unwritten.size(),
            batches,
            commands,
            trouble());
  }

  private void checkDisk() {
    long free = around.freeBytes().getAsLong();
    holdsStopped =
        free >= settings.freeBytesMin()
            ? ""
            : "only "
                + (free >> 20)
                + " MiB are free on the disk of the database, below "
                + (settings.freeBytesMin() >> 20)
                + " MiB: make room; until then no calls are taken, but open ones are settled";
  }

  private boolean refuseQueued() {
    List<Work> batch = new ArrayList<>();
    queue.drainTo(batch, Integer.MAX_VALUE);
    if (lost) {
      batch.addAll(unwritten);
      unwritten.clear();
    }
    give(batch, new IllegalStateException(failure));
    return !batch.isEmpty();
  }
}
