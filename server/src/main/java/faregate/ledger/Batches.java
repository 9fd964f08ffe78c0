package faregate.ledger;

import faregate.id.CallId;
import faregate.id.WalletId;
import faregate.ledger.Desk.Moment;
import java.io.UncheckedIOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Collects batches, and has one desk carry them out, for as long as that desk is to be believed.
///
/// A batch that fails is decided again on rows read afresh, on a shared database then on rows that
/// are locked, and at last command by command, so that one bad command, or one wallet that somebody
/// else has locked, cannot hold up the others. What still fails goes to the [Backlog]. Only the
/// write thread comes here.
final class Batches {
  private static final Logger LOG = LoggerFactory.getLogger(Batches.class);
  private static final long TICK_NANOS = 1_000_000_000;
  private static final long SHARED_LINE_NANOS = 100_000_000;
  private static final long ASIDE_NANOS = 50_000_000;
  private static final int SAME_AGAIN_MAX = 100;
  private static final int STALE_AGAIN_MAX = 2;

  private final Desk desk;
  private final LedgerTime time;
  private final Place place;
  private final Surroundings around;
  private final LedgerSettings settings;
  private final Queue queue;
  private final Backlog backlog;
  private final Tally tally;
  private long tickedNanos;
  private long lineTickedNanos;
  private long asideNanos;
  private String holdsStopped = "";

  Batches(
      Desk desk,
      LedgerTime time,
      Place place,
      LedgerSettings settings,
      Queue queue,
      Backlog backlog,
      Tally tally) {
    this.desk = desk;
    this.time = time;
    this.place = place;
    this.around = place.around();
    this.settings = settings;
    this.queue = queue;
    this.backlog = backlog;
    this.tally = tally;
    long nanos = around.clock().nanoTime();
    this.tickedNanos = nanos - TICK_NANOS;
    this.lineTickedNanos = nanos;
    this.asideNanos = nanos;
  }

  Desk desk() {
    return desk;
  }

  /// Ends holds that a previous life left open under this number.
  void recover() {
    List<OpenHold> left = desk.openHolds();
    for (int from = 0; from < left.size() && isSound(); from += settings.batchMax()) {
      List<Work> batch = new ArrayList<>();
      for (OpenHold hold : left.subList(from, Math.min(left.size(), from + settings.batchMax()))) {
        batch.add(new Work.Expire(hold.id(), hold.wallet(), Work.Expire.DIED));
      }
      carryOut(batch, moment(false));
    }
  }

  /// Carries out what is waiting.
  ///
  /// @return whether there was anything to do
  boolean turn() {
    long nanos = around.clock().nanoTime();
    boolean tick = nanos - tickedNanos >= TICK_NANOS;
    if (tick) {
      tickedNanos = nanos;
      checkDisk();
      show();
    }
    boolean lineTick = lineTick(nanos, tick);
    Moment moment = moment(lineTick);
    List<Work> batch = collect(moment, tick || time.jumped());
    boolean due = desk.nanosUntilDue(nanos) == 0 || (lineTick && desk.waiting() > 0);
    boolean probe = tick && backlog.isFailing();
    boolean worked = !batch.isEmpty() || due || probe;
    if (worked) {
      carryOut(batch, moment);
    }
    worked |= retryAside(moment);
    if (tick && place.shared() && time.ageNanos() >= TICK_NANOS && isSound()) {
      bringTime();
    }
    return worked;
  }

  /// Whether it is time to look after those in line. On a shared database another node may have
  /// ended what they wait for.
  private boolean lineTick(long nanos, boolean tick) {
    boolean due =
        place.shared() ? desk.waiting() > 0 && nanos - lineTickedNanos >= SHARED_LINE_NANOS : tick;
    if (due) {
      lineTickedNanos = nanos;
    }
    return due;
  }

  boolean isSound() {
    return backlog.isSound(desk);
  }

  long sleepNanosMax() {
    long nanos = around.clock().nanoTime();
    long sleep = Math.min(desk.nanosUntilDue(nanos), backlog.nanosUntilDue(nanos));
    if (!backlog.aside().isEmpty()) {
      sleep = Math.min(sleep, asideNanos + ASIDE_NANOS - nanos);
    }
    if (place.shared() && desk.waiting() > 0) {
      sleep = Math.min(sleep, lineTickedNanos + SHARED_LINE_NANOS - nanos);
    }
    if (desk.holdsOpen() > 0 || desk.waiting() > 0 || !trouble().isEmpty()) {
      sleep = Math.min(sleep, tickedNanos + TICK_NANOS - nanos);
    }
    return Math.max(sleep, 1);
  }

  /// Tells how things stand, for whoever is told an outcome next.
  void show() {
    tally.show(queue, desk, backlog, trouble());
  }

  String trouble() {
    return backlog.isFailing() ? backlog.failure() : holdsStopped;
  }

  private Moment moment(boolean lineTick) {
    return new Moment(
        time.advance(), around.clock().nanoTime(), lineTick, Moment.ALL, holdsStopped);
  }

  private List<Work> collect(Moment moment, boolean sweep) {
    List<Work> batch = new ArrayList<>();
    backlog.drainTo(batch, settings.batchMax());
    if (sweep) {
      Set<@Nullable CallId> ending = backlog.ending();
      for (OpenHold hold : desk.overdue(moment.micros() - settings.graceMillis() * 1000L)) {
        if (!ending.contains(hold.id())) {
          batch.add(new Work.Expire(hold.id(), hold.wallet(), Work.Expire.OVERDUE));
        }
      }
    }
    queue.drainTo(batch, settings.batchMax());
    backlog.aside().filter(batch);
    return batch;
  }

  /// Tries what is set aside, in a batch of its own.
  private boolean retryAside(Moment moment) {
    Aside aside = backlog.aside();
    if (aside.isEmpty() || !isSound() || moment.nanos() - asideNanos < ASIDE_NANOS) {
      return false;
    }
    asideNanos = moment.nanos();
    aside.answerOverdue(moment.nanos());
    List<Integer> contested = aside.contested().stream().map(Bucket::of).toList();
    parts(aside.take(settings.batchMax()), contested)
        .forEach((bucket, part) -> carryOut(part, at(moment, bucket), Mode.LOCKED));
    return true;
  }

  private void carryOut(List<Work> batch, Moment moment) {
    List<Work> locking = place.shared() ? takeLocking(batch) : List.of();
    List<Integer> buckets = moment.tick() ? desk.bucketsWaiting() : List.of();
    parts(batch, buckets)
        .forEach((bucket, part) -> carryOut(part, at(moment, bucket), Mode.CACHED));
    if (!locking.isEmpty()) {
      // What came before for these wallets may have been set aside.
      backlog.aside().filter(locking);
      parts(locking, List.of())
          .forEach((bucket, part) -> carryOut(part, at(moment, bucket), Mode.LOCKED));
    }
  }

  /// Takes out what has to be decided on locked lots, and what comes behind it for the same wallet.
  private static List<Work> takeLocking(List<Work> batch) {
    if (batch.stream().noneMatch(Batches::wantsLock)) {
      return List.of();
    }
    List<Work> locking = new ArrayList<>();
    List<Work> rest = new ArrayList<>();
    Set<WalletId> wallets = new HashSet<>();
    for (Work work : batch) {
      if (wantsLock(work)) {
        wallets.add(work.wallet());
      }
      (wallets.contains(work.wallet()) ? locking : rest).add(work);
    }
    batch.clear();
    batch.addAll(rest);
    return locking;
  }

  /// Of two sizes of a series the later has to count, and it may change nothing that would show
  /// another node that it was there.
  private static boolean wantsLock(Work work) {
    return work instanceof Work.Resize resize
        && resize.command().rule() == ResizeCommand.Rule.LATEST;
  }

  /// A batch, or in distributed mode what it has of each bucket.
  private Map<Integer, List<Work>> parts(List<Work> batch, List<Integer> alsoBuckets) {
    if (!place.share().distributed()) {
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

  private void carryOut(List<Work> batch, Moment moment, Mode first) {
    Mode mode = first;
    int same = 0;
    int stale = 0;
    while (true) {
      try {
        attempt(batch, moment, mode);
        return;
      } catch (SQLException | RuntimeException e) {
        Failure kind = Failure.of(e);
        if (!isSound() || kind == Failure.CUT) {
          backlog.take(desk, batch, e);
          return;
        }
        // What another node has given, or ended, meanwhile is seen by the next look.
        boolean passed = kind == Failure.STALE && mode == Mode.LOCKED && stale++ < STALE_AGAIN_MAX;
        if (passed || (kind == Failure.AGAIN && same++ < SAME_AGAIN_MAX)) {
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
      alone(work, moment, mode);
    }
  }

  private static String told(Exception e) {
    return String.valueOf(e.getMessage());
  }

  private @Nullable Mode next(Mode mode, Failure kind) {
    return switch (mode) {
      case CACHED -> kind == Failure.BUSY && place.shared() ? Mode.LOCKED : Mode.FRESH;
      case FRESH -> place.shared() ? Mode.LOCKED : null;
      case LOCKED -> null;
    };
  }

  private void alone(Work work, Moment moment, Mode mode) {
    try {
      attempt(List.of(work), moment, mode);
    } catch (SQLException | RuntimeException e) {
      if (Failure.of(e) == Failure.BUSY) {
        // Somebody holds more than a wallet's lots: it may be all that is written to.
        backlog.fail(e);
      }
      backlog.take(desk, List.of(work), e);
    }
  }

  /// One try, unless the fence was lost by an earlier one, or the desk is not to be believed.
  private void attempt(List<Work> batch, Moment moment, Mode mode) throws SQLException {
    if (!isSound()) {
      throw new IllegalStateException(backlog.failure());
    }
    try {
      Desk.Result result = desk.carryOut(batch, moment, mode, backlog.isFailing());
      if (result.wrote()) {
        backlog.wrote();
        time.brought(result.writtenMicros(), around.clock().nanoTime());
      }
      tally.count(result.wrote(), result.answered());
      around.watch().batch(result.answered(), result.rows(), result.commitNanos());
      backlog.aside().putBack(desk.aside());
      show();
      desk.tell();
    } catch (FenceLostException e) {
      backlog.stop(told(e));
      throw e;
    } catch (SQLException | RuntimeException e) {
      Failure kind = Failure.of(e);
      if (kind == Failure.CUT || kind == Failure.OTHER) {
        backlog.fail(e);
      }
      throw e;
    }
  }

  private void bringTime() {
    try {
      time.brought(desk.nowMicros(), around.clock().nanoTime());
    } catch (SQLException e) {
      backlog.fail(e);
      backlog.doubt(desk, List.of());
    }
  }

  private void checkDisk() {
    long free;
    try {
      free = around.freeBytes().getAsLong();
    } catch (UncheckedIOException e) {
      LOG.warn("the disk of the database does not tell how much is free: {}", told(e));
      return;
    }
    holdsStopped =
        free >= settings.freeBytesMin()
            ? ""
            : "only "
                + (free >> 20)
                + " MiB are free on the disk of the database, below "
                + (settings.freeBytesMin() >> 20)
                + " MiB: make room; until then no calls are taken, but open ones are settled";
  }
}
