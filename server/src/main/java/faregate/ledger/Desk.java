package faregate.ledger;

import faregate.id.WalletId;
import faregate.ledger.Ledger.CallRef;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Carries out one batch: decides it and writes it, or takes it back and throws.
///
/// It holds all that depends on the connection and on the rows. When it cannot tell whether a
/// transaction was written, it keeps that batch as it is until [#resolve] has found out; then it is
/// thrown away and a new one reads the rows afresh.
final class Desk {
  private final Connection connection;
  private final Place place;
  private final BatchSql sql;
  private final Books books;
  private final Clerk clerk;
  private final Map<Integer, Fence> fences = new HashMap<>();
  private final Set<WalletId> contested;

  /// What the last batch wanted to change that somebody may have locked.
  private final Set<WalletId> suspects = new HashSet<>();

  private @Nullable Fence uncertain;
  private List<Work> aside = List.of();

  /// Takes what the rows say.
  ///
  /// @param held the fences as they were taken
  /// @param contested wallets whose lines are not to be served
  Desk(
      Connection connection,
      Place place,
      Collection<Fence> held,
      LedgerSettings settings,
      Set<WalletId> contested)
      throws SQLException {
    LoadSql rows = new LoadSql(connection);
    RepeatSql repeats = new RepeatSql(connection);
    this.connection = connection;
    this.place = place;
    this.contested = contested;
    held.forEach(fence -> fences.put(fence.bucket(), fence));
    this.sql =
        place.shared()
            ? new SharedWriterSql(connection, repeats, place.share().distributed())
            : new WriterSql(connection, repeats);
    this.books = new Books(rows, settings, place);
    this.clerk = new Clerk(books, rows, repeats, place.around().ids(), settings, contested);
  }

  /// What one batch came to.
  ///
  /// @param answered commands with an outcome, which is yet to be told
  /// @param rows rows written, lots and fence aside; 0 where nothing had to be written
  /// @param commitNanos how long the transaction took
  /// @param writtenMicros when it was written; 0 where nothing was
  record Result(int answered, int rows, long commitNanos, long writtenMicros) {
    boolean wrote() {
      return writtenMicros != 0;
    }
  }

  /// When a batch is decided.
  ///
  /// @param micros the ledger's now
  /// @param nanos monotonic
  /// @param tick whether it is time to look after those in line, for time itself, or another node,
  ///   may have changed something
  /// @param bucket the only one that may be touched, or [#ALL]
  /// @param holdsStopped why no holds are taken; empty when they are
  record Moment(long micros, long nanos, boolean tick, int bucket, String holdsStopped) {
    static final int ALL = -1;

    boolean touches(WalletId wallet) {
      return bucket == ALL || Bucket.of(wallet) == bucket;
    }
  }

  /// Carries out a batch. In distributed mode all of it is about one bucket.
  ///
  /// @param probe whether to write though nothing has changed, to see whether that works
  /// @throws FenceLostException when another writer took over
  /// @throws SQLException or any other exception, when the batch was not written; nobody was told
  ///   and the books are as before, unless [#isUncertain]
  Result carryOut(List<Work> works, Moment moment, Mode mode, boolean probe) throws SQLException {
    clerk.begin(moment.micros(), moment.holdsStopped());
    boolean locking = place.shared() && mode == Mode.LOCKED;
    List<Work> taken = works;
    aside = List.of();
    try {
      if (locking) {
        aside = lock(works);
        taken = new ArrayList<>(works);
        taken.removeAll(aside);
      } else {
        read(works, moment, mode);
      }
      taken.forEach(clerk::carryOut);
      serveLine(moment, locking);
    } catch (SQLException | RuntimeException e) {
      abandon(locking, e);
      clerk.undo();
      throw e;
    } catch (Error e) {
      abandon(locking, e);
      clerk.undo();
      throw new IllegalStateException("a batch could not be decided", e);
    }
    return write(moment, probe, locking);
  }

  private Result write(Moment moment, boolean probe, boolean locking) throws SQLException {
    Changes changes = clerk.changes();
    if (!probe && changes.isEmpty()) {
      if (locking) {
        unlock();
      }
      return new Result(clerk.answered(), 0, 0, 0);
    }
    long startNanos = place.around().clock().nanoTime();
    Fence written = write(changes, fence(moment), moment);
    fences.put(written.bucket(), written);
    long commitNanos = place.around().clock().nanoTime() - startNanos;
    books.trim();
    return new Result(
        clerk.answered(), changes.rows(), commitNanos, Math.max(1, written.storedMicros()));
  }

  /// Lets go of locked lots when there was nothing to write. Joining or leaving a line is no row,
  /// and is taken back where that fails, for then all of the batch is carried out again.
  private void unlock() throws SQLException {
    try {
      sql.abandon();
    } catch (SQLException | RuntimeException e) {
      clerk.undo();
      throw e;
    }
  }

  private void read(List<Work> works, Moment moment, Mode mode) throws SQLException {
    if (!place.shared()) {
      return;
    }
    Set<WalletId> wanted = new LinkedHashSet<>();
    for (Work work : works) {
      if (!(work instanceof Work.Mark) && (mode == Mode.FRESH || !books.knows(work.wallet()))) {
        wanted.add(work.wallet());
      }
    }
    if (moment.tick()) {
      clerk.line().wallets().stream().filter(moment::touches).forEach(wanted::add);
    }
    if (!wanted.isEmpty()) {
      sql.read(books, wanted);
    }
  }

  private List<Work> lock(List<Work> works) throws SQLException {
    Set<WalletId> wanted = new LinkedHashSet<>();
    works.forEach(work -> wanted.add(work.wallet()));
    wanted.addAll(suspects);
    wanted.addAll(contested);
    if (place.share().distributed() && !works.isEmpty()) {
      int bucket = Bucket.of(works.getFirst().wallet());
      wanted.removeIf(wallet -> Bucket.of(wallet) != bucket);
    }
    Set<WalletId> missing = sql.lock(books, wanted);
    suspects.removeAll(wanted);
    contested.removeAll(wanted);
    contested.addAll(missing);
    return works.stream().filter(work -> missing.contains(work.wallet())).toList();
  }

  private void abandon(boolean locking, Throwable cause) {
    if (locking) {
      try {
        sql.abandon();
      } catch (SQLException e) {
        cause.addSuppressed(e);
      }
    }
  }

  private void serveLine(Moment moment, boolean locking) {
    if (locking) {
      return;
    }
    if (moment.tick()) {
      clerk.serveLines(moment::touches);
    }
    if (clerk.line().nanosUntilDue(moment.nanos()) == 0) {
      clerk.answerOverdue(moment.nanos(), moment::touches);
    }
  }

  /// The fence of the bucket that a batch is about.
  private Fence fence(Moment moment) {
    int bucket = moment.bucket() == Moment.ALL ? place.share().index() : moment.bucket();
    Fence fence = fences.get(place.share().fenceOf(bucket));
    if (fence == null) {
      throw new IllegalStateException("bucket " + bucket + " belongs to another writer");
    }
    return fence;
  }

  private Fence write(Changes changes, Fence fence, Moment moment) throws SQLException {
    try {
      return sql.write(changes, books, fence, moment.micros());
    } catch (Error e) {
      // It may have come in front of the commit or behind it, and the fence will tell.
      uncertain = fence;
      throw new IllegalStateException("an error in the midst of a write", e);
    } catch (SQLException | RuntimeException e) {
      Fence stored = Failure.of(e) == Failure.CUT ? null : stored(fence, e);
      if (stored == null || stored.seq() < fence.seq()) {
        uncertain = fence;
        throw e;
      }
      if (stored.epoch() != fence.epoch()) {
        clerk.undo();
        throw new FenceLostException(fence);
      }
      if (stored.seq() == fence.seq() + 1) {
        // The transaction failed as far as we were told, but it was written.
        books.forget(changes.walletsBefore.keySet());
        return stored;
      }
      suspects.addAll(changes.walletsBefore.keySet());
      clerk.undo();
      if (Failure.of(e) == Failure.STALE) {
        books.verify(changes);
      }
      throw e;
    }
  }

  /// The fence as it stands after a failure, or null when that cannot be read either.
  private @Nullable Fence stored(Fence fence, Exception cause) {
    try {
      return FenceSql.read(connection, fence);
    } catch (SQLException | LostCommitsException e) {
      cause.addSuppressed(e);
      return null;
    }
  }

  /// Commands of the last batch that were not part of what was written, or was to be: somebody else
  /// has their lots locked.
  List<Work> aside() {
    return aside;
  }

  /// Hands out the outcomes of the last batch, which is durable.
  void tell() {
    clerk.tell();
  }

  /// Whether nobody knows if the last transaction was written: nothing here is to be believed.
  boolean isUncertain() {
    return uncertain != null;
  }

  /// Finds out what became of the batch of which that is uncertain.
  ///
  /// @param fresh any connection
  /// @param epoch the one that the fence gets, so that nothing that is still under way can be
  ///   written any more
  /// @return whether it was written; its outcomes can be told then, and are taken back otherwise
  /// @throws SQLException when that cannot be told yet
  /// @throws FenceLostException when another writer took over
  /// @throws LostCommitsException when the database has forgotten what it had acknowledged
  boolean resolve(Connection fresh, long epoch) throws SQLException {
    Fence own = uncertain;
    if (own == null) {
      throw new IllegalStateException("no batch is uncertain");
    }
    if (fresh.equals(connection)) {
      // What is still open there would be taken for written.
      sql.abandon();
    }
    Fence stored = FenceSql.change(fresh, own, epoch);
    boolean written = stored.epoch() == epoch && stored.seq() == own.seq() + 1;
    if (!written) {
      clerk.undo();
    }
    stored.mustNotPrecede(own);
    if (stored.epoch() != epoch) {
      throw new FenceLostException(own);
    }
    return written;
  }

  /// Gives up waiting for holds whose fate is uncertain: they are answered `Unavailable`.
  ///
  /// @return those that have to be released should they turn out to be written
  List<CallRef> giveUpHolds(String reason) {
    return clerk.giveUpHolds(reason);
  }

  /// The fences as they are after [#resolve], for the next desk.
  ///
  /// @param epoch the one that they have now
  static List<Fence> reread(Connection connection, Collection<Fence> known, long epoch)
      throws SQLException {
    List<Fence> fences = new ArrayList<>();
    for (Fence own : known) {
      Fence stored = FenceSql.change(connection, own, epoch);
      stored.mustNotPrecede(own);
      if (stored.epoch() != epoch) {
        throw new FenceLostException(own);
      }
      fences.add(stored);
    }
    return fences;
  }

  Collection<Fence> fences() {
    return List.copyOf(fences.values());
  }

  long nowMicros() throws SQLException {
    return sql.nowMicros(place.around().clock());
  }

  /// All open holds.
  List<OpenHold> openHolds() {
    return books.openHolds();
  }

  /// Holds whose deadline, and the grace after it, have gone by.
  List<OpenHold> overdue(long beforeMicros) {
    return books.overdue(beforeMicros);
  }

  int holdsOpen() {
    return books.openCount();
  }

  /// Buckets of wallets that have somebody in line.
  List<Integer> bucketsWaiting() {
    return clerk.line().wallets().stream().map(Bucket::of).distinct().toList();
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
