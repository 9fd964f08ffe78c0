package faregate.ledger;

import faregate.id.CallId;
import faregate.ledger.Desk.Moment;
import faregate.store.Lane;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Brings the ledger's batches to the write thread.
///
/// A batch is whatever queued while the last one was committed. It is decided in memory, written in
/// one transaction behind the fence, and told only then: see [Desk]. A batch that fails is decided
/// again on rows read afresh, on a shared database then on rows that are locked, and at last
/// command by command, so that one bad command, or one wallet that somebody else has locked, cannot
/// hold up the others. What ends a hold is tried again until it is written; a mark is dropped, for
/// the next one follows; everything else is answered `Unavailable`. Nothing is told that is not
/// durable, and a batch whose fate is uncertain is not told before that is known: see [Doubt].
///
/// When the fence was taken over, nothing more is written until [#enter] gives it another number.
final class Writer implements Lane.Source {
  private static final Logger LOG = LoggerFactory.getLogger(Writer.class);
  private static final long TICK_NANOS = 1_000_000_000;
  private static final long RETRY_NANOS = 100_000_000;
  private static final long SHARED_LINE_NANOS = 100_000_000;
  private static final long ASIDE_NANOS = 50_000_000;
  private static final int SAME_AGAIN_MAX = 100;

  private final Queue queue;
  private final Surroundings around;
  private final LedgerSettings settings;
  private final Share share;
  private final CompletableFuture<Boolean> drained = new CompletableFuture<>();
  private final ConcurrentLinkedQueue<Runnable> orders = new ConcurrentLinkedQueue<>();

  /// Ends of holds whose transaction failed.
  private final List<Work> unwritten = new ArrayList<>();

  /// What has to be carried out again at once.
  private final List<Work> again = new ArrayList<>();

  private final Aside aside = new Aside();
  private CompletableFuture<LedgerTime> opened = new CompletableFuture<>();
  private int node;
  private long epoch;
  private boolean shared;
  private @Nullable Connection prepared;
  private @Nullable Desk desk;
  private @Nullable Doubt doubt;
  private @Nullable LedgerTime time;
  private long tickedNanos;
  private long lineTickedNanos;
  private long asideNanos;
  private long retryNanos;
  private String holdsStopped = "";
  private String failure = "";

  /// Whether it has a number, and may write.
  private boolean stopped;

  private long batches;
  private long commands;
  private volatile boolean closing;
  private volatile LedgerState state = new LedgerState(0, 0, 0, 0, 0, 0, "the ledger is opening");

  Writer(Queue queue, Surroundings around, LedgerSettings settings, Share share) {
    this.queue = queue;
    this.around = around;
    this.settings = settings;
    this.share = share;
    this.node = around.node();
    this.epoch = around.random().nextLong();
    this.retryNanos = around.clock().nanoTime();
    this.tickedNanos = retryNanos - TICK_NANOS;
    this.lineTickedNanos = retryNanos;
    this.asideNanos = retryNanos;
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
          opened = entered;
          node = number;
          epoch = around.random().nextLong();
          stopped = false;
          failure = "the ledger is opening under another number";
          retryNanos = around.clock().nanoTime();
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
    List<Work> left = new ArrayList<>(unwritten);
    left.addAll(again);
    left.addAll(aside.clear());
    unwritten.clear();
    again.clear();
    left.forEach(work -> work.refuse(reason));
    Doubt open = doubt;
    if (open == null) {
      return left.size();
    }
    doubt = null;
    open.refuse(reason);
    return left.size() + open.size();
  }

  LedgerState state() {
    return state;
  }

  @Override
  public boolean run(Lane.Session session) {
    boolean worked = obey();
    shared = session.isShared();
    if (!stopped && desk == null) {
      open(session);
    }
    Desk open = desk;
    LedgerTime now = time;
    worked |= (open == null || now == null) ? refuseQueued() : work(session, open, now);
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

  private void finish() {
    Desk open = desk;
    if (open != null) {
      open.clearLine().forEach(hold -> hold.refuse("the ledger is closing"));
    }
    if (queue.size() == 0
        && unwritten.isEmpty()
        && again.isEmpty()
        && doubt == null
        && aside.size() == 0) {
      drained.complete(true);
    }
  }

  @Override
  public long sleepNanosMax() {
    Desk open = desk;
    if (!orders.isEmpty()) {
      return 1;
    }
    if (stopped) {
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
    if (!aside.isEmpty()) {
      sleep = Math.min(sleep, asideNanos + ASIDE_NANOS - nanos);
    }
    if (shared && open.waiting() > 0) {
      sleep = Math.min(sleep, lineTickedNanos + SHARED_LINE_NANOS - nanos);
    }
    if (open.holdsOpen() > 0 || open.waiting() > 0 || !failure.isEmpty()) {
      sleep = Math.min(sleep, tickedNanos + TICK_NANOS - nanos);
    }
    return again.isEmpty() ? Math.max(sleep, 1) : 1;
  }

  /// Reads the rows, at the start and whenever memory is not to be believed.
  private void open(Lane.Session session) {
    Doubt uncertain = doubt;
    if (uncertain != null) {
      uncertain.giveUpHolds(around.clock().nanoTime(), failure);
    }
    if (around.clock().nanoTime() - retryNanos < 0) {
      return;
    }
    try {
      Connection connection = connection(session);
      if (uncertain == null) {
        enter(connection);
      } else {
        settle(connection, uncertain);
      }
    } catch (FenceLostException e) {
      lose(e);
    } catch (LostCommitsException e) {
      LOG.error("the ledger stops: {}", e.getMessage());
      stop(String.valueOf(e.getMessage()));
    } catch (SQLException | RuntimeException e) {
      fail(e);
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

  private Place place() {
    return new Place(around, share, node, shared);
  }

  private void enter(Connection connection) throws SQLException {
    List<Fence> fences = new ArrayList<>();
    for (int bucket : share.fences()) {
      fences.add(FenceSql.take(connection, bucket, node, epoch));
    }
    Desk fresh = new Desk(connection, place(), fences, settings, aside.contested());
    LedgerTime now = time;
    if (now == null) {
      long stored = fences.stream().mapToLong(Fence::storedMicros).max().orElse(0);
      now = LedgerTime.of(around.clock(), shared, stored, fresh.nowMicros());
    } else {
      now.brought(fresh.nowMicros(), around.clock().nanoTime());
    }
    failure = "";
    time = now;
    desk = fresh;
    start(fresh, now);
  }

  private void settle(Connection connection, Doubt uncertain) throws SQLException {
    long next = Print.mix(epoch);
    List<Fence> fences = uncertain.resolve(connection, next);
    again.addAll(uncertain.settle());
    epoch = next;
    doubt = null;
    failure = "";
    desk = new Desk(connection, place(), fences, settings, aside.contested());
  }

  /// Ends what the previous life left open; then the gate opens.
  private void start(Desk fresh, LedgerTime now) {
    List<OpenHold> left = fresh.openHolds();
    for (int from = 0; from < left.size() && desk != null; from += settings.batchMax()) {
      List<Work> batch = new ArrayList<>();
      for (OpenHold hold : left.subList(from, Math.min(left.size(), from + settings.batchMax()))) {
        batch.add(new Work.Expire(hold.id(), hold.wallet(), "recovery"));
      }
      carryOut(fresh, batch, moment(now, false));
    }
    if (unwritten.isEmpty() && !stopped && doubt == null) {
      opened.complete(now);
    } else {
      opened.completeExceptionally(new IllegalStateException(trouble()));
    }
    show(fresh);
  }

  private Moment moment(LedgerTime now, boolean tick) {
    return new Moment(now.advance(), around.clock().nanoTime(), tick, Moment.ALL, holdsStopped);
  }

  private boolean work(Lane.Session session, Desk open, LedgerTime now) {
    long nanos = around.clock().nanoTime();
    boolean tick = nanos - tickedNanos >= TICK_NANOS;
    if (tick) {
      tickedNanos = nanos;
      checkDisk();
    }
    boolean lineTick =
        shared ? open.waiting() > 0 && nanos - lineTickedNanos >= SHARED_LINE_NANOS : tick;
    if (lineTick) {
      lineTickedNanos = nanos;
    }
    Moment moment = moment(now, lineTick);
    List<Work> batch = collect(open, moment, tick || now.jumped());
    boolean due = open.nanosUntilDue(nanos) == 0 || (lineTick && open.waiting() > 0);
    boolean probe = tick && !failure.isEmpty();
    boolean worked = !batch.isEmpty() || due || probe;
    if (worked) {
      carryOut(open, batch, moment);
    }
    worked |= retryAside(open, moment);
    if (tick && shared && now.ageNanos() >= TICK_NANOS && isSound(open)) {
      bringTime(open, now);
    }
    if (!isSound(open)) {
      part(session, open);
    }
    if (worked) {
      show(open);
    }
    return worked;
  }

  private boolean isSound(Desk open) {
    return !stopped && doubt == null && !open.isUncertain();
  }

  private void bringTime(Desk open, LedgerTime now) {
    try {
      now.brought(open.nowMicros(), around.clock().nanoTime());
    } catch (SQLException e) {
      fail(e);
      doubt = new Doubt(open, List.of(), around.clock().nanoTime());
    }
  }

  /// Lets go of a desk that is not to be believed any more.
  private void part(Lane.Session session, Desk open) {
    desk = null;
    if (doubt != null) {
      session.broken();
    }
    if (stopped) {
      open.clearLine().forEach(hold -> hold.refuse(failure));
    }
  }

  private List<Work> collect(Desk open, Moment moment, boolean sweep) {
    List<Work> batch = new ArrayList<>(again);
    again.clear();
    if (!unwritten.isEmpty() && moment.nanos() - retryNanos >= 0) {
      List<Work> failed = unwritten.subList(0, Math.min(unwritten.size(), settings.batchMax()));
      batch.addAll(failed);
      failed.clear();
    }
    if (sweep) {
      Set<@Nullable CallId> ending = new HashSet<>();
      unwritten.forEach(work -> ending.add(work.ends()));
      for (OpenHold hold : open.overdue(moment.micros() - settings.graceMillis() * 1000L)) {
        if (!ending.contains(hold.id())) {
          batch.add(new Work.Expire(hold.id(), hold.wallet(), "deadline"));
        }
      }
    }
    queue.drainTo(batch, settings.batchMax());
    aside.filter(batch);
    return batch;
  }

  /// Tries what is set aside, in a batch of its own.
  private boolean retryAside(Desk open, Moment moment) {
    if (aside.isEmpty() || !isSound(open) || moment.nanos() - asideNanos < ASIDE_NANOS) {
      return false;
    }
    asideNanos = moment.nanos();
    aside.answerOverdue(moment.nanos());
    for (Map.Entry<Integer, List<Work>> part :
        parts(aside.take(settings.batchMax()), aside.contested().stream().map(Bucket::of).toList())
            .entrySet()) {
      carryOut(open, part.getValue(), at(moment, part.getKey()), Mode.LOCKED);
    }
    return true;
  }

  private void carryOut(Desk open, List<Work> batch, Moment moment) {
    List<Integer> buckets = moment.tick() ? open.bucketsWaiting() : List.of();
    for (Map.Entry<Integer, List<Work>> part : parts(batch, buckets).entrySet()) {
      carryOut(open, part.getValue(), at(moment, part.getKey()), Mode.CACHED);
    }
  }

  /// A batch, or in distributed mode what it has of each bucket.
  private Map<Integer, List<Work>> parts(List<Work> batch, List<Integer> alsoBuckets) {
    if (!share.distributed()) {
      return Map.of(Moment.ALL, batch);
    }
    Map<Integer, List<Work>> parts = new TreeMap<>();
    alsoBuckets.forEach(bucket -> parts.put(bucket, new ArrayList<>()));
    for (Work work : batch) {
      parts.computeIfAbsent(Bucket.of(work.wallet()), _ -> new ArrayList<>()).add(work);
    }
    return parts;
  }

  private static Moment at(Moment moment, int bucket) {
    return new Moment(
        moment.micros(), moment.nanos(), moment.tick(), bucket, moment.holdsStopped());
  }

  private void carryOut(Desk open, List<Work> batch, Moment moment, Mode first) {
    Mode mode = first;
    int same = 0;
    while (true) {
      try {
        attempt(open, batch, moment, mode);
        return;
      } catch (SQLException | RuntimeException e) {
        Failure kind = Failure.of(e);
        if (!isSound(open) || kind == Failure.CUT) {
          give(open, batch, e);
          return;
        }
        if (kind == Failure.AGAIN && same++ < SAME_AGAIN_MAX) {
          continue;
        }
        Mode next = next(mode, kind);
        if (next == null) {
          LOG.warn("a batch of the ledger failed, and now goes command by command: {}", told(e));
          break;
        }
        if (kind == Failure.OTHER) {
          LOG.warn("a batch of the ledger failed and is decided again: {}", told(e));
        }
        mode = next;
      }
    }
    for (Work work : batch) {
      alone(open, work, moment, mode);
    }
  }

  private static String told(Exception e) {
    return String.valueOf(e.getMessage());
  }

  private @Nullable Mode next(Mode mode, Failure kind) {
    return switch (mode) {
      case CACHED -> kind == Failure.BUSY && shared ? Mode.LOCKED : Mode.FRESH;
      case FRESH -> shared ? Mode.LOCKED : null;
      case LOCKED -> null;
    };
  }

  private void alone(Desk open, Work work, Moment moment, Mode mode) {
    try {
      attempt(open, List.of(work), moment, mode);
    } catch (SQLException | RuntimeException e) {
      give(open, List.of(work), e);
    }
  }

  /// One try, unless the ledger was lost by an earlier one, or its memory is not to be believed.
  private void attempt(Desk open, List<Work> batch, Moment moment, Mode mode) throws SQLException {
    if (!isSound(open)) {
      throw new IllegalStateException(failure);
    }
    try {
      Desk.Result result = open.carryOut(batch, moment, mode, !failure.isEmpty());
      if (result.wrote()) {
        failure = "";
        batches++;
        bring(result);
      }
      commands += result.answered();
      around.watch().batch(result.answered(), result.rows(), result.commitNanos());
      aside.putBack(result.aside());
      show(open);
      open.tell();
    } catch (FenceLostException e) {
      lose(e);
      throw e;
    } catch (SQLException | RuntimeException e) {
      Failure kind = Failure.of(e);
      if (kind == Failure.CUT || kind == Failure.OTHER) {
        fail(e);
      }
      throw e;
    }
  }

  private void bring(Desk.Result result) {
    LedgerTime now = time;
    if (now != null) {
      now.brought(result.writtenMicros(), around.clock().nanoTime());
    }
  }

  /// A batch that was not written, or of which that is uncertain.
  private void give(Desk open, List<Work> batch, Exception cause) {
    if (!stopped && doubt == null && (open.isUncertain() || Failure.of(cause) == Failure.CUT)) {
      doubt = new Doubt(open, batch, around.clock().nanoTime());
      // The first look for a new connection is made at once.
      retryNanos = around.clock().nanoTime();
    } else if (doubt != null && !stopped) {
      again.addAll(batch);
    } else {
      give(batch, String.valueOf(cause.getMessage()));
    }
  }

  private void give(List<Work> batch, String reason) {
    for (Work work : batch) {
      if (work.mustBeWritten() && !stopped) {
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
    stop(String.valueOf(cause.getMessage()));
    opened.completeExceptionally(cause);
    around.lost().run();
  }

  /// Writes nothing more, and remembers nothing.
  private void stop(String reason) {
    stopped = true;
    failure = reason;
    Desk open = desk;
    desk = null;
    if (open != null) {
      open.clearLine().forEach(hold -> hold.refuse(reason));
    }
    refuseUnwritten(reason);
    state = new LedgerState(queue.size(), 0, 0, 0, batches, commands, reason);
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
            unwritten.size() + aside.size() + (doubt == null ? 0 : doubt.size()),
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
    give(batch, failure);
    return !batch.isEmpty();
  }
}
