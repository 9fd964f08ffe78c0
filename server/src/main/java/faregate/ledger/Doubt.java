package faregate.ledger;

import faregate.ledger.Ledger.CallRef;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A connection that broke, and perhaps a batch that was on it, of which nobody knows whether it
/// was written. Nothing of that batch is answered before that is known, but holds do not wait for
/// ever: beyond a bound they are answered `Unavailable`, and released should they turn out to be
/// written.
final class Doubt {
  private static final long HOLDS_NANOS_MAX = 5_000_000_000L;

  private final Desk desk;
  private final List<Work> batch;
  private final long sinceNanos;
  private final List<CallRef> abandoned = new ArrayList<>();
  private boolean holdsGivenUp;
  private @Nullable Boolean written;

  /// @param batch what was on its way; none of it was written where the desk is certain of that
  Doubt(Desk desk, List<Work> batch, long sinceNanos) {
    this.desk = desk;
    this.batch = batch;
    this.sinceNanos = sinceNanos;
  }

  Desk desk() {
    return desk;
  }

  /// Finds out what became of the batch, on any connection: see [Desk#resolve].
  ///
  /// @return the fences as they stand now
  /// @throws SQLException when that cannot be told yet; ask again
  List<Fence> resolve(Connection fresh, long epoch) throws SQLException {
    if (written == null) {
      try {
        written = desk.isUncertain() && desk.resolve(fresh, epoch);
      } catch (FenceLostException | LostCommitsException e) {
        // The desk has taken its outcomes back.
        written = false;
        throw e;
      }
    }
    return Desk.reread(fresh, desk.fences(), epoch);
  }

  /// What is to be carried out now that the fate of the batch is known: the batch itself if it was
  /// not written, and in any case those who stood in line. Tells its outcomes if it was.
  List<Work> settle() {
    List<Work> next = new ArrayList<>(Boolean.TRUE.equals(written) ? told() : again());
    List<Work.Hold> line = desk.clearLine();
    if (!holdsGivenUp) {
      next.addAll(line);
    }
    return next;
  }

  /// Nothing will ever be known: everybody is told so.
  void refuse(String reason) {
    giveUpHolds(reason);
    again().forEach(work -> work.refuse(reason));
  }

  int size() {
    return batch.size();
  }

  long holdsDueNanos() {
    return sinceNanos + HOLDS_NANOS_MAX;
  }

  /// Answers holds that have waited long enough.
  void giveUpHolds(long nowNanos, String reason) {
    if (!holdsGivenUp && nowNanos - holdsDueNanos() >= 0) {
      giveUpHolds(reason);
    }
  }

  private void giveUpHolds(String reason) {
    if (!holdsGivenUp) {
      holdsGivenUp = true;
      if (desk.isUncertain() && !Boolean.FALSE.equals(written)) {
        abandoned.addAll(desk.giveUpHolds(reason));
      } else {
        batch.stream().filter(Work.Hold.class::isInstance).forEach(hold -> hold.refuse(reason));
      }
      // Some holds have no outcome yet: they stand in line, or nothing was decided.
      desk.clearLine().forEach(hold -> hold.refuse(reason));
    }
  }

  /// The batch was written: what is to be released.
  private List<Work> told() {
    desk.tell();
    List<Work> releases = new ArrayList<>();
    for (CallRef call : abandoned) {
      releases.add(
          new Work.Release(
              call, 0, "unavailable", new byte[0], new Reply<>(Runnable::run, _ -> {})));
    }
    return releases;
  }

  /// The batch was not written: what is to be carried out again.
  private List<Work> again() {
    List<Work> again = new ArrayList<>(batch);
    if (holdsGivenUp) {
      again.removeIf(Work.Hold.class::isInstance);
    }
    return again;
  }
}
