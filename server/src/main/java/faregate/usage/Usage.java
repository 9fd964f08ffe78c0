package faregate.usage;

import faregate.id.CallId;
import faregate.id.UserId;
import faregate.id.WalletId;
import faregate.money.Nanos;
import faregate.store.Database;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What was consumed: the entry of this room. Thread-safe. All of it blocks: not for event loops.
///
/// It walks behind the ledger. For each writer it remembers the last row that it has taken in, and
/// moves that mark in the same transaction as the rows and sums behind it: so a crash at any moment
/// loses nothing and counts nothing twice, and of two processes that walk at once one waits and
/// then goes on behind the other. In the background a process walks behind its own writers, and
/// behind those that died and are its to look after; a report walks behind all of them first, so
/// what it says is true at once.
public final class Usage implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Usage.class);

  /// What is used and left comes from the lots, so nobody waits for this.
  private static final long EVERY_MILLIS = 2000;

  /// Small, since the ledger's batches may wait meanwhile: some three milliseconds.
  private static final int BATCH = 500;

  private static final long SECOND_MICROS = 1_000_000;

  /// Anybody may name a new session with each call, and a report is read whole.
  private static final int SESSIONS_MAX = 10_000;

  private final Database database;
  private final Feed feed;
  private final ReentrantLock walking = new ReentrantLock();

  private final Thread thread =
      Thread.ofPlatform().name("faregate-usage").daemon(true).unstarted(this::work);
  private volatile boolean closing;

  public Usage(Database database, Feed feed) {
    this.database = database;
    this.feed = feed;
  }

  /// Begins to catch up every other second, so that reports find little to do.
  public void start() {
    thread.start();
  }

  /// Takes in every call whose end was durable before now.
  public void catchUp() {
    walk(feed.fences());
  }

  private void walk(List<Long> fences) {
    walking.lock();
    try {
      fences.forEach(this::walk);
    } finally {
      walking.unlock();
    }
  }

  /// How far each writer's batches have been taken in.
  public Map<Long, Long> takenIn() {
    return database.read(FoldSql::positions);
  }

  /// Forgets single calls which the ledger keeps no longer; they stay in the sums of their days.
  ///
  /// @param handle of the transaction in which the ledger lets them go
  public void forget(Handle handle, Map<CallId, WalletId> calls) {
    CallSql.remove(handle, calls);
  }

  /// What a wallet consumed from one moment up to, not including, another.
  public Report report(WalletId wallet, long fromMicros, long toMicros) {
    catchUp();
    Span span = span(fromMicros, toMicros);
    return Report.of(database.read(handle -> lines(handle, wallet, span)));
  }

  /// The same by month and session, in their order. The calls that named no session come first in
  /// each month, under the empty name; so do those of all but the dearest 10,000 sessions.
  public List<SessionUse> sessions(WalletId wallet, long fromMicros, long toMicros) {
    return sessions(wallet, fromMicros, toMicros, SESSIONS_MAX);
  }

  /// @param most sessions in a month that are told by name
  List<SessionUse> sessions(WalletId wallet, long fromMicros, long toMicros, int most) {
    catchUp();
    Span span = span(fromMicros, toMicros);
    return database.read(
        handle -> {
          List<SessionUse> whole = SessionUse.months(lines(handle, wallet, span));
          List<SessionUse> named = new ArrayList<>();
          for (SessionUse month : whole) {
            named.addAll(SessionSql.dearest(handle, wallet, span, month.month(), most));
          }
          return SessionUse.of(whole, named);
        });
  }

  /// The same by day and by who spent it, in no order. What was taken in by releases that did not
  /// note it is missing: the report has it.
  public List<SpenderUse> spenders(WalletId wallet, long fromMicros, long toMicros) {
    catchUp();
    Span span = span(fromMicros, toMicros);
    return database.read(
        handle ->
            parts(
                span,
                (from, to) -> SpenderSql.moments(handle, wallet, from, to),
                (first, end) -> SpenderSql.days(handle, wallet, first, end)));
  }

  /// What a wallet was charged for calls of the days before the one that a moment lies in.
  public Nanos chargedBefore(WalletId wallet, long micros) {
    catchUp();
    return database.read(handle -> ReportSql.chargedBefore(handle, wallet, Days.of(micros)));
  }

  /// The newest ended calls of a wallet that were made before a moment.
  public List<CallLine> calls(WalletId wallet, long beforeMicros, int limit) {
    catchUp();
    return database.read(handle -> CallSql.newest(handle, wallet, beforeMicros, limit));
  }

  /// The newest that one member spent of an organization's wallet.
  public List<CallLine> calls(WalletId wallet, UserId member, long beforeMicros, int limit) {
    catchUp();
    return database.read(
        handle -> CallSql.newest(handle, wallet, member.value(), beforeMicros, limit));
  }

  private void walk(long fence) {
    List<EndedCall> calls;
    do {
      long from = database.read(handle -> FoldSql.position(handle, fence));
      calls = feed.after(fence, from, BATCH);
      if (!calls.isEmpty()) {
        long to = calls.getLast().seq();
        List<CallLine> lines = calls.stream().map(CallLine::of).toList();
        database.write(handle -> FoldSql.fold(handle, fence, from, to, lines));
      }
    } while (calls.size() >= BATCH);
  }

  private static List<ReportSql.Line> lines(Handle handle, WalletId wallet, Span span) {
    return parts(
        span,
        (first, end) -> ReportSql.moments(handle, wallet, first, end),
        (first, end) -> ReportSql.days(handle, wallet, first, end));
  }

  private interface Part<T> {
    List<T> read(long first, long end);
  }

  /// Where single calls are kept no longer, a part of a day is told as the whole of it: too little
  /// would look right. The first second of a day is no part of it: who names a day as the end
  /// includes that second.
  private Span span(long from, long to) {
    long kept = feed.keptFromMicros();
    long firstDay = from < kept ? Days.of(from) : Days.firstFrom(from);
    long endDay = to < kept ? Days.firstFrom(to - SECOND_MICROS) : Days.of(to);
    return new Span(from, to, firstDay, to < kept ? Math.max(firstDay, endDay) : endDay);
  }

  /// Whole days from the sums, the rest from the calls.
  private static <T> List<T> parts(Span span, Part<T> moments, Part<T> days) {
    List<T> all = new ArrayList<>();
    if (span.hasMomentsBefore()) {
      all.addAll(moments.read(span.from(), span.beforeEnd()));
    }
    if (span.hasDays()) {
      all.addAll(days.read(span.firstDay(), span.endDay()));
    }
    if (span.hasMomentsBehind()) {
      all.addAll(moments.read(span.behindStart(), span.to()));
    }
    return all;
  }

  private void work() {
    boolean failing = false;
    while (!closing) {
      try {
        walk(feed.ours());
        failing = false;
      } catch (RuntimeException | Error e) {
        if (!failing) {
          LOG.warn(
              "usage could not catch up with the ledger, and tries again every other second", e);
        }
        failing = true;
      }
      try {
        Thread.sleep(EVERY_MILLIS);
      } catch (InterruptedException _) {
        return;
      }
    }
  }

  /// Stops catching up in the background. Close it before the database.
  @Override
  public void close() {
    closing = true;
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
