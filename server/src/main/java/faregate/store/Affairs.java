package faregate.store;

import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What a node does about deaths, its own among them: on a thread of its own, since recovering
/// takes as long as it takes, and the beat must go on.
final class Affairs implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Affairs.class);

  private final Membership membership;
  private final BlockingQueue<List<Watch.Row>> reports = new LinkedBlockingQueue<>();
  private final Map<Integer, Claim> claims = new HashMap<>();
  private final AtomicLong recoveries = new AtomicLong();
  private final Thread thread =
      Thread.ofPlatform().name("faregate-affairs").daemon(true).unstarted(this::work);
  private volatile @Nullable Tenant tenant;
  private volatile boolean closing;

  /// A dead node's row that this one has taken, and has not given back yet.
  private record Claim(long holder, long beat) {}

  Affairs(Membership membership) {
    this.membership = membership;
  }

  /// Takes the place of an earlier tenant.
  synchronized void attend(Tenant newcomer) {
    boolean first = tenant == null;
    tenant = newcomer;
    if (first) {
      thread.start();
    }
  }

  /// Nodes that were found dead by the last look; those that are known already come again each
  /// time.
  void dead(List<Watch.Row> rows) {
    if (!rows.isEmpty() && reports.isEmpty()) {
      reports.add(rows);
    }
  }

  void rejoin() {
    reports.add(List.of());
  }

  long recoveries() {
    return recoveries.get();
  }

  private void work() {
    while (!closing) {
      try {
        List<Watch.Row> rows = reports.poll(membership.retryMillis(), TimeUnit.MILLISECONDS);
        Tenant current = tenant;
        if (current != null && !closing) {
          attendTo(current, rows == null ? List.of() : rows);
        }
      } catch (InterruptedException _) {
        return;
      } catch (SQLException | RuntimeException | Error e) {
        if (!closing) {
          LOG.warn("what has to be done about a dead node failed and is tried again", e);
        }
      }
    }
  }

  private void attendTo(Tenant current, List<Watch.Row> rows) throws SQLException {
    if (membership.phase() == Membership.Phase.TAKEN) {
      claims.clear();
      current.leave();
      membership.takeAnother();
    }
    if (membership.phase() == Membership.Phase.ENTERING) {
      current.enter(membership.node());
      membership.serve();
      return;
    }
    for (Watch.Row row : rows) {
      claim(row);
    }
    for (int node : List.copyOf(claims.keySet())) {
      try {
        recover(current, node);
      } catch (RuntimeException e) {
        if (!closing) {
          LOG.warn("what node {} left cannot be ended yet, and is tried again", node, e);
        }
      }
    }
  }

  private void claim(Watch.Row row) {
    long holder = membership.claimToken();
    OptionalLong beat = membership.with(handle -> NodeSql.claim(handle, row, holder));
    if (beat.isPresent()) {
      LOG.warn("node {} is dead; this node ends what it left", row.number());
      claims.put(row.number(), new Claim(holder, beat.getAsLong()));
    }
  }

  private void recover(Tenant current, int node) {
    Claim claim = claims.get(node);
    if (claim == null) {
      return;
    }
    current.recover(node, claim.beat());
    membership.with(
        handle -> {
          NodeSql.free(handle, node, claim.holder(), 0);
          return true;
        });
    claims.remove(node);
    recoveries.incrementAndGet();
    LOG.info("node {} is recovered, and its number is free", node);
  }

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
