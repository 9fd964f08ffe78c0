package faregate.store;

import faregate.kit.Clock;
import faregate.kit.IdSource;
import faregate.kit.RandomSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// This process among the others on its database: one node of many.
///
/// Think of a thread that says once a second "I live", on a connection of its own, and looks at the
/// others while it is there. Everything follows from two clocks, both monotonic and both this
/// machine's: how long ago was the last beat sent that was acknowledged (then this node falls
/// silent), and for how long has another's beat stood still before one's own eyes (then that node
/// is dead). The second time is longer than the first, so a node is silent before its holds end.
///
/// A dead node's row is claimed first, on condition that its beat has not moved: so one node alone
/// recovers it, and a third one takes over if that one dies meanwhile. A node that finds its own
/// row claimed leaves everything that was under the number and takes another one. Thread-safe.
final class Membership implements Presence, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Membership.class);

  /// Where this node stands with its number.
  enum Phase {
    SERVING,
    /// It was taken away: all that was under it has to end.
    TAKEN,
    /// There is a new one, under which nothing may be done yet.
    ENTERING
  }

  /// Opens a connection that belongs to who asked for it.
  interface Connecting {
    Connection open() throws SQLException;
  }

  private final Connecting connecting;
  private final Clock clock;
  private final RandomSource random;
  private final NodeSettings settings;
  private final Watch watch;
  private final Affairs affairs;
  private final AtomicLong terms = new AtomicLong();
  private final Thread thread =
      Thread.ofPlatform().name("faregate-beat").daemon(true).unstarted(this::work);
  private @Nullable Handle handle;
  private volatile boolean failing;
  private volatile Lease lease;
  private volatile long sentNanos;
  private volatile long term;
  private volatile Phase phase = Phase.SERVING;
  private volatile List<Integer> others = List.of();
  private volatile boolean closing;

  private Membership(
      Connecting connecting,
      Clock clock,
      RandomSource random,
      NodeSettings settings,
      Handle first) {
    this.connecting = connecting;
    this.clock = clock;
    this.random = random;
    this.settings = settings;
    this.watch = new Watch(settings);
    this.handle = first;
    this.sentNanos = clock.nanoTime();
    this.lease = take(first);
    this.affairs = new Affairs(this);
    this.term = terms.incrementAndGet();
  }

  /// Takes a number.
  ///
  /// @throws IllegalStateException when none is free
  static Membership join(
      Connecting connecting, Clock clock, RandomSource random, NodeSettings settings)
      throws SQLException {
    Handle first = Jdbi.open(connecting.open());
    try {
      Membership membership = new Membership(connecting, clock, random, settings, first);
      membership.thread.start();
      return membership;
    } catch (RuntimeException e) {
      first.close();
      throw e;
    }
  }

  private Lease take(Handle on) {
    while (true) {
      Lease taken = Lease.take(on, clock, random, this::beatNow);
      if (taken != null) {
        return taken;
      }
    }
  }

  /// Lets somebody live under the number. From now on the dead are recovered.
  void attend(Tenant tenant) {
    affairs.attend(tenant);
  }

  int node() {
    return lease.node();
  }

  /// Ids under the number of the moment, never given twice.
  IdSource ids() {
    return () -> lease.ids().next();
  }

  @Override
  public long term() {
    return clock.nanoTime() - sentNanos < settings.silence().toNanos() ? term : AWAY;
  }

  /// Since when the last acknowledged beat was under way.
  long silentMillis() {
    return TimeUnit.NANOSECONDS.toMillis(clock.nanoTime() - sentNanos);
  }

  /// The numbers of the nodes that live, this one among them.
  SortedSet<Integer> alive() {
    SortedSet<Integer> alive = new TreeSet<>(others);
    alive.add(lease.node());
    return alive;
  }

  /// How many dead nodes this one has recovered.
  long recoveries() {
    return affairs.recoveries();
  }

  /// Why this node should not be sent calls; empty when it may be.
  String trouble() {
    if (phase != Phase.SERVING) {
      return "this node was declared dead and is joining again";
    }
    return term() == AWAY || (failing && silentMillis() > settings.beat().toMillis() * 2)
        ? "the database has not acknowledged a beat for %d ms; at %d ms this node falls silent"
            .formatted(silentMillis(), settings.silence().toMillis())
        : "";
  }

  /// The tenant noticed by itself that its number is not its own any more.
  void lost() {
    evicted();
  }

  private void work() {
    while (!closing) {
      long began = clock.nanoTime();
      round(began);
      long pause = failing ? settings.beat().dividedBy(4).toNanos() : settings.beat().toNanos();
      long left = began + pause - clock.nanoTime();
      if (left > 0 && !closing) {
        LockSupport.parkNanos(this, left);
      }
    }
  }

  private void beatNow() {
    LockSupport.unpark(thread);
  }

  private void round(long began) {
    try {
      Handle open = connected();
      beat(open, began);
      List<Watch.Row> rows = NodeSql.others(open, lease.node());
      others = rows.stream().filter(row -> row.holder() > 0).map(Watch.Row::number).toList();
      affairs.dead(watch.look(rows, began, clock.nanoTime()));
      failing = false;
    } catch (SQLException | RuntimeException | Error e) {
      watch.interrupted();
      disconnect();
      if (!failing && !closing) {
        LOG.warn("this node's beat was not acknowledged and is sent again: {}", reason(e));
      }
      failing = true;
    }
  }

  /// Without the statement and its arguments.
  private static String reason(Throwable e) {
    return String.valueOf(e.getCause() == null ? e.getMessage() : e.getCause().getMessage());
  }

  private void beat(Handle open, long sent) {
    Lease own = lease;
    if (phase == Phase.TAKEN) {
      return;
    }
    long mark = own.ids().wanted();
    if (NodeSql.beat(open, own.node(), own.holder(), mark)) {
      own.ids().reserved(mark);
      sentNanos = sent;
    } else if (own.equals(lease)) {
      evicted();
    }
  }

  private Handle connected() throws SQLException {
    Handle open = handle;
    if (open == null) {
      open = Jdbi.open(connecting.open());
      handle = open;
    }
    return open;
  }

  private void disconnect() {
    Handle open = handle;
    handle = null;
    if (open != null) {
      try {
        open.close();
      } catch (RuntimeException e) {
        LOG.debug("a broken connection did not close", e);
      }
    }
  }

  private synchronized void evicted() {
    if (phase != Phase.TAKEN) {
      phase = Phase.TAKEN;
      term = AWAY;
      LOG.error(
          "node {} was declared dead: its streams end, and it joins again under another number",
          lease.node());
      affairs.rejoin();
    }
  }

  /// Takes another number; nothing may be done under it yet.
  void takeAnother() throws SQLException {
    long sent = clock.nanoTime();
    try (Handle own = Jdbi.open(connecting.open())) {
      lease = take(own);
    }
    sentNanos = sent;
    phase = Phase.ENTERING;
    LOG.info("this node joins again under number {}", lease.node());
  }

  /// From now on things may be done under the number of the moment.
  synchronized void serve() {
    if (phase == Phase.ENTERING) {
      phase = Phase.SERVING;
      term = terms.incrementAndGet();
    }
  }

  Phase phase() {
    return phase;
  }

  /// Runs something on a connection of its own.
  <T> T with(Function<Handle, T> task) {
    try (Handle own = Jdbi.open(connecting.open())) {
      return task.apply(own);
    } catch (SQLException e) {
      throw new IllegalStateException("the database does not answer", e);
    }
  }

  long claimToken() {
    return -Lease.token(random);
  }

  long retryMillis() {
    return settings.beat().toMillis();
  }

  /// Stops beating.
  ///
  /// @param clean whether nothing is left under the number, so that it is free at once; else
  ///   another node finds it dead, and ends what is left
  void leave(boolean clean) {
    closing = true;
    affairs.close();
    beatNow();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Lease own = lease;
    if (clean && phase != Phase.TAKEN) {
      try {
        NodeSql.free(
            Objects.requireNonNull(connected()), own.node(), own.holder(), own.ids().used());
      } catch (SQLException | RuntimeException e) {
        LOG.warn("node number {} could not be given back: {}", own.node(), e.getMessage());
      }
    }
    disconnect();
  }

  @Override
  public void close() {
    leave(true);
  }
}
