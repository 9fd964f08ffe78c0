package faregate.ledger;

import faregate.id.CallId;
import faregate.kit.Clock;
import faregate.kit.IdSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Carries out one batch: decides it and writes it, or takes it back and throws.
///
/// It holds all that depends on the connection and on the rows. When it cannot tell whether a
/// transaction was written, it is thrown away and a new one reads the rows afresh.
final class Desk {
  private final Connection connection;
  private final Clock clock;
  private final WriterSql sql;
  private final Books books;
  private final Clerk clerk;
  private Fence fence;
  private boolean uncertain;

  /// Takes what the rows say.
  ///
  /// @param fence as [FenceSql#take] gave it
  Desk(Connection connection, Fence fence, Clock clock, IdSource ids, LedgerSettings settings)
      throws SQLException {
    LoadSql rows = new LoadSql(connection);
    RepeatSql repeats = new RepeatSql(connection);
    this.connection = connection;
    this.clock = clock;
    this.fence = fence;
    this.sql = new WriterSql(connection, repeats);
    this.books = new Books(rows, settings);
    this.clerk = new Clerk(books, rows, repeats, ids, settings);
  }

  /// What one batch came to.
  ///
  /// @param answered commands with an outcome, which is yet to be told
  /// @param rows rows written, lots and fence aside; 0 where nothing had to be written
  /// @param commitNanos how long the transaction took
  record Result(int answered, int rows, boolean wrote, long commitNanos) {}

  /// Carries out a batch.
  ///
  /// @param moment when; and whether holds are taken
  /// @param probe whether to write though nothing has changed, to see whether that works
  /// @throws FenceLostException when another writer took over
  /// @throws SQLException or any other exception, when the batch was not written; nobody was told
  ///   and the books are as before
  Result carryOut(List<Work> works, Moment moment, boolean probe) throws SQLException {
    clerk.begin(moment.micros(), moment.holdsStopped());
    try {
      works.forEach(clerk::carryOut);
      serveLine(moment);
    } catch (RuntimeException e) {
      clerk.undo();
      throw e;
    }
    Changes changes = clerk.changes();
    boolean write = probe || !changes.isEmpty();
    long commitNanos = write ? write(changes, moment) : 0;
    books.trim();
    return new Result(clerk.answered(), changes.rows(), write, commitNanos);
  }

  /// Hands out the outcomes of the last batch, which is durable.
  void tell() {
    clerk.tell();
  }

  /// When a batch is decided.
  ///
  /// @param micros the ledger's now
  /// @param nanos monotonic
  /// @param tick whether a second has gone by, so that time itself may have changed something
  /// @param holdsStopped why no holds are taken; empty when they are
  record Moment(long micros, long nanos, boolean tick, String holdsStopped) {}

  private void serveLine(Moment moment) {
    if (moment.tick()) {
      clerk.serveLines();
    }
    if (clerk.line().nanosUntilDue(moment.nanos()) == 0) {
      clerk.answerOverdue(moment.nanos());
    }
  }

  private long write(Changes changes, Moment moment) throws SQLException {
    long startNanos = clock.nanoTime();
    try {
      fence = sql.write(changes, books, fence, moment.micros());
    } catch (SQLException | RuntimeException e) {
      Fence stored = stored(e);
      boolean own = stored != null && stored.epoch() == fence.epoch();
      if (stored == null || !own || stored.seq() != fence.seq() + 1) {
        clerk.undo();
        uncertain = stored == null;
        if (!own && !uncertain) {
          throw new FenceLostException(fence);
        }
        throw e;
      }
      // The transaction failed as far as we were told, but it was written.
      fence = stored;
    }
    return clock.nanoTime() - startNanos;
  }

  /// The fence as it stands after a failure, or null when that cannot be read either.
  private @Nullable Fence stored(Exception cause) {
    try {
      return FenceSql.read(connection, fence);
    } catch (SQLException e) {
      cause.addSuppressed(e);
      return null;
    }
  }

  /// Whether nobody knows if the last transaction was written: nothing here is to be believed.
  boolean isUncertain() {
    return uncertain;
  }

  Fence fence() {
    return fence;
  }

  /// All open holds.
  List<CallId> openCalls() {
    return books.openCalls();
  }

  /// Holds whose deadline, and the grace after it, have gone by.
  List<CallId> overdue(long beforeMicros) {
    return books.overdue(beforeMicros);
  }

  int holdsOpen() {
    return books.openCount();
  }

  int waiting() {
    return clerk.line().size();
  }

  long nanosUntilDue(long nowNanos) {
    return clerk.line().nanosUntilDue(nowNanos);
  }

  /// Takes everybody out of the line, unanswered.
  List<Work.Hold> clearLine() {
    return clerk.line().clear();
  }
}
