package faregate.http;

import faregate.kit.Clock;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Looks after everything on one event loop that may take too long. One timer for all of them: a
/// timer for each would cost more than most of what it watches, since hardly one ever rings.
final class Sweep {
  private static final Logger LOG = LoggerFactory.getLogger(Sweep.class);

  private final Clock clock;
  private final Vertx vertx;
  private final long timer;
  private final Set<Watched> watched = new HashSet<>();

  /// Something with an end to its patience. Compared by identity.
  interface Watched {
    /// @param nowNanos monotonic
    /// @return whether it has taken too long; it is watched no more then
    boolean isOverdue(long nowNanos);

    void expire();
  }

  /// @param period how late an end may be noticed
  Sweep(Vertx vertx, Clock clock, Duration period) {
    this.vertx = vertx;
    this.clock = clock;
    this.timer = vertx.setPeriodic(Math.max(1, period.toMillis()), _ -> look());
  }

  long now() {
    return clock.nanoTime();
  }

  void add(Watched item) {
    watched.add(item);
  }

  void remove(Watched item) {
    watched.remove(item);
  }

  void stop() {
    vertx.cancelTimer(timer);
  }

  private void look() {
    long now = clock.nanoTime();
    List<Watched> overdue = new ArrayList<>(0);
    for (Iterator<Watched> each = watched.iterator(); each.hasNext(); ) {
      Watched item = each.next();
      if (item.isOverdue(now)) {
        overdue.add(item);
        each.remove();
      }
    }
    overdue.forEach(Sweep::expire);
  }

  /// One that fails does not keep the others from their end.
  private static void expire(Watched item) {
    try {
      item.expire();
    } catch (RuntimeException bug) {
      LOG.error("what took too long could not be ended", bug);
    }
  }
}
