package faregate.ledger;

import faregate.ledger.Desk.Moment;
import faregate.store.Lane;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Ends what a dead node left open, behind the dead node's own fences: once their epochs are
/// changed, the node itself can write nothing any more, and of several who recover it only the last
/// one can.
///
/// On a connection of its own, so that the writers go on meanwhile.
final class Recovery {
  private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
  private static final int SAME_AGAIN_MAX = 600;

  private final Surroundings around;
  private final LedgerSettings settings;
  private final boolean distributed;

  Recovery(Surroundings around, LedgerSettings settings, boolean distributed) {
    this.around = around;
    this.settings = settings;
    this.distributed = distributed;
  }

  /// Ends all holds of a node, and returns when that is durable. May be repeated.
  ///
  /// @param beat where the node's beat has to stand; otherwise nothing is done
  /// @param nowMicros the ledger's time
  /// @throws FenceLostException when somebody else recovers it too, and came later
  void run(Lane.Session session, int node, long beat, long nowMicros) throws SQLException {
    try (Connection connection = session.another()) {
      SharedSql.prepare(connection);
      List<Fence> fences = FenceSql.takeDead(connection, node, beat, around.random().nextLong());
      if (!fences.isEmpty()) {
        long stored = fences.stream().mapToLong(Fence::storedMicros).max().orElse(0);
        int ended = end(connection, node, fences, Math.max(nowMicros, stored));
        LOG.info("{} calls of node {} were ended", ended, node);
      }
    }
  }

  /// One fence after the other; each guards the buckets of one writer of that node.
  private int end(Connection connection, int node, List<Fence> fences, long nowMicros)
      throws SQLException {
    int count = 0;
    for (Fence fence : fences) {
      // However many writers that node had: here one alone ends what is left.
      Share share = new Share(fence.bucket(), 1, distributed);
      Place place = new Place(around, share, node, true);
      Desk desk = new Desk(connection, place, List.of(fence), settings, new HashSet<>());
      List<OpenHold> left = new ArrayList<>(desk.openHolds());
      if (distributed) {
        left.removeIf(hold -> Bucket.of(hold.wallet()) != fence.bucket());
      }
      int bucket = distributed ? fence.bucket() : Moment.ALL;
      Moment moment = new Moment(nowMicros, around.clock().nanoTime(), false, bucket, "");
      end(desk, moment, left);
      count += left.size();
    }
    return count;
  }

  private void end(Desk desk, Moment moment, List<OpenHold> left) throws SQLException {
    for (int from = 0; from < left.size(); from += settings.batchMax()) {
      List<Work> batch = new ArrayList<>();
      for (OpenHold hold : left.subList(from, Math.min(left.size(), from + settings.batchMax()))) {
        batch.add(new Work.Expire(hold.id(), hold.wallet(), Work.Expire.DIED));
      }
      end(desk, moment, batch, Mode.FRESH);
    }
  }

  /// Lots that others have locked are waited for.
  private static void end(Desk desk, Moment moment, List<Work> works, Mode first)
      throws SQLException {
    List<Work> rest = works;
    Mode mode = first;
    for (int tries = 1; !rest.isEmpty(); tries++) {
      try {
        var _ = desk.carryOut(rest, moment, mode, false);
        rest = desk.aside();
      } catch (SQLException | StaleException e) {
        Failure kind = Failure.of(e);
        if (kind == Failure.CUT || kind == Failure.OTHER || tries >= SAME_AGAIN_MAX) {
          throw e;
        }
      }
      mode = Mode.LOCKED;
      if (Thread.currentThread().isInterrupted()) {
        throw new SQLException("this process is closing; others will end what is left");
      }
      if (!rest.isEmpty()) {
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
  }
}
