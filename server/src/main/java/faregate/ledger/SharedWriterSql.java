package faregate.ledger;

import faregate.id.LotId;
import faregate.id.WalletId;
import faregate.kit.Clock;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Writes a batch to a PostgreSQL: one transaction in one round trip, behind its fence.
///
/// The statements travel together, rows as arrays, and the server carries them out up to the first
/// that fails. So a row that is not as it should be must make its statement fail: counts are turned
/// into numbers that are none. Lots come last, in the order of their keys: nobody waits for a lot
/// longer than a commit takes, and no two batches wait for each other. What lots came to is read
/// back with the update, so that memory is as fresh as the last batch.
final class SharedWriterSql implements BatchSql {
  private static final String MOVE_FENCE =
      """
      WITH moved AS (
        UPDATE fence SET seq = seq + 1, stored_at = GREATEST(stored_at, %s)
        WHERE bucket = ? AND node = ? AND epoch = ? AND seq = ? RETURNING stored_at)
      SELECT CASE WHEN count(*) = 1 THEN max(stored_at)
        ELSE CAST('%sthe fence is lost ' || count(*) AS BIGINT) END FROM moved;
      """
          .formatted(SharedSql.NOW, Failure.MARKER);

  private static final String ADD_HOLDS =
      """
      INSERT INTO hold (node, bucket, id, wallet, deadline, held, print, ref, legs)
      SELECT ?, * FROM unnest(?::BIGINT[], ?::BIGINT[], ?::BIGINT[], ?::BIGINT[], ?::BIGINT[], ?::BIGINT[], ?::TEXT[], ?::BYTEA[]);
      """;

  private static final String MARK_HOLDS =
      """
      UPDATE hold h SET mark_charge = m.charge, mark_facts = m.facts
      FROM unnest(?::BIGINT[], ?::BIGINT[], ?::BIGINT[], ?::BYTEA[]) AS m (bucket, id, charge, facts)
      WHERE {h} h.bucket = m.bucket AND h.id = m.id;
      """;

  private static final String END_HOLDS =
      """
      WITH ended AS (
        DELETE FROM hold h USING unnest(?::BIGINT[], ?::BIGINT[]) AS e (bucket, id)
        WHERE {h} h.bucket = e.bucket AND h.id = e.id RETURNING 1)
      SELECT CASE WHEN count(*) = ? THEN 0
        ELSE CAST('%sholds are gone, left were ' || count(*) AS BIGINT) END FROM ended;
      """
          .formatted(Failure.MARKER);

  private static final String ADD_FINISHED =
      """
      INSERT INTO finished (fence, seq, bucket, id, wallet, held, charge, loss, estimated, print,
        ended_at, reason, ref, legs, facts)
      SELECT ?, ?, * FROM unnest(?::BIGINT[], ?::BIGINT[], ?::BIGINT[], ?::BIGINT[], ?::BIGINT[], ?::BIGINT[], ?::BIGINT[], ?::BIGINT[], ?::BIGINT[], ?::TEXT[],
        ?::TEXT[], ?::BYTEA[], ?::BYTEA[]);
      """;

  private static final String CHANGE_LOTS =
      """
      WITH changed AS (
        UPDATE lot l SET pending = l.pending + d.pending, posted = l.posted + d.posted,
          granted = LEAST(l.granted, GREATEST(coalesce(l.target, l.granted),
            l.pending + d.pending + l.posted + d.posted))
        FROM unnest(?::BIGINT[], ?::BIGINT[], ?::BIGINT[], ?::BIGINT[]) AS d (bucket, id, pending, posted)
        WHERE {l} l.bucket = d.bucket AND l.id = d.id
        RETURNING l.wallet, l.id, l.granted, l.pending, l.posted)
      SELECT * FROM changed
      UNION ALL
      SELECT 0, CASE WHEN count(*) = ? THEN 0
        ELSE CAST('%slots are gone, left were ' || count(*) AS BIGINT) END, 0, 0, 0 FROM changed;
      """
          .formatted(Failure.MARKER);

  /// A lot that gets another size must be just as it was when that was decided.
  private static final String RESIZE_LOT =
      """
      UPDATE lot SET granted = ?, total = ?, target = ?, pending = ?, posted = ?
      WHERE bucket = ? AND id = ? AND total = ? AND coalesce(target, -1) = ? AND pending = ?
        AND posted = ?
      """;

  private static final int LOT_COLUMNS = 5;

  // The parts that a batch may have.
  private static final int HOLDS = 1;
  private static final int MARKS = 2;
  private static final int ENDS = 4;
  private static final int LOTS = 8;
  private static final int BEGIN = 16;
  private static final int FENCE = 32;
  private static final int COMMIT = 64;

  private final Connection connection;
  private final SharedSql reads;
  private final RareSql rare;
  private final Kept kept;
  private final boolean distributed;
  private final @Nullable PreparedStatement[] statements = new PreparedStatement[2 * COMMIT];
  private boolean begun;

  SharedWriterSql(Connection connection, RepeatSql repeats, boolean distributed) {
    this.connection = connection;
    this.distributed = distributed;
    this.reads = new SharedSql(connection, distributed);
    this.rare = new RareSql(connection, repeats);
    this.kept = new Kept(connection);
  }

  @Override
  public void read(Books books, Collection<WalletId> wallets) throws SQLException {
    books.load(reads.lots(wallets));
  }

  @Override
  public Set<WalletId> lock(Books books, Collection<WalletId> wallets) throws SQLException {
    begin();
    Set<WalletId> missing = new HashSet<>();
    books.load(reads.lock(wallets, missing));
    books.forget(missing);
    return missing;
  }

  @Override
  public long nowMicros(Clock clock) throws SQLException {
    return reads.nowMicros();
  }

  private void begin() throws SQLException {
    kept.get("BEGIN").execute();
    begun = true;
  }

  @Override
  public void abandon() throws SQLException {
    begun = false;
    kept.get("ROLLBACK").execute();
  }

  @Override
  public Fence write(Changes changes, Books books, Fence fence, long nowMicros)
      throws SQLException {
    Fence next = fence.next(nowMicros);
    Batch batch = new Batch(changes, books);
    try {
      int parts = parts(batch);
      long stored;
      if (batch.isRare()) {
        // Rare rows may be about calls that end in this batch, and lots still come last.
        begun = true;
        stored = send(batch, parts & ~(LOTS | COMMIT), fence, next, books);
        batch.writeRare(next, nowMicros);
        send(batch, parts & (LOTS | COMMIT), fence, next, books);
      } else {
        stored = send(batch, parts, fence, next, books);
      }
      begun = false;
      return new Fence(next.id(), next.bucket(), next.node(), next.epoch(), next.seq(), stored);
    } catch (SQLException | RuntimeException e) {
      rollBack(e);
      throw e;
    }
  }

  private void rollBack(Exception cause) {
    try {
      abandon();
    } catch (SQLException e) {
      cause.addSuppressed(e);
    }
  }

  /// The rows of one batch.
  private final class Batch {
    final Changes changes;
    final List<Changes.LotChange> lots = new ArrayList<>();
    final List<Changes.LotChange> rareLots = new ArrayList<>();
    final List<OpenHold> marked = new ArrayList<>();

    Batch(Changes changes, Books books) {
      this.changes = changes;
      for (Changes.LotChange change : changes.lots(books)) {
        (isPlain(change) ? lots : rareLots).add(change);
      }
      lots.sort(
          Comparator.comparingInt((Changes.LotChange change) -> Bucket.of(change.wallet()))
              .thenComparingLong(change -> change.after().id().value()));
      for (OpenHold before : changes.marksBefore.values()) {
        OpenHold hold = books.open(before.id());
        if (hold != null && hold.mark() != null) {
          marked.add(hold);
        }
      }
    }

    private static boolean isPlain(Changes.LotChange change) {
      LotState before = change.before();
      LotState after = change.after();
      return before != null && before.total() == after.total() && before.target() == after.target();
    }

    boolean isRare() {
      return !rareLots.isEmpty() || changes.hasRare();
    }

    void writeRare(Fence next, long nowMicros) throws SQLException {
      for (Changes.LotChange change : rareLots) {
        LotState before = change.before();
        if (before == null) {
          rare.addLot(change.wallet(), change.after());
        } else {
          resize(change.wallet(), before, change.after());
        }
      }
      rare.write(changes, next, nowMicros);
    }
  }

  private void resize(WalletId wallet, LotState before, LotState after) throws SQLException {
    PreparedStatement row = kept.get(RESIZE_LOT);
    row.setLong(1, after.granted());
    row.setLong(2, after.total());
    row.setObject(
        3, after.target() == LotState.NO_TARGET ? null : after.target(), java.sql.Types.BIGINT);
    row.setLong(4, after.pending());
    row.setLong(5, after.posted());
    row.setInt(6, Bucket.of(wallet));
    row.setLong(7, after.id().value());
    row.setLong(8, before.total());
    row.setLong(9, before.target());
    row.setLong(10, before.pending());
    row.setLong(11, before.posted());
    if (row.executeUpdate() != 1) {
      throw new StaleException("lot " + after.id() + " of wallet " + wallet);
    }
  }

  private int parts(Batch batch) {
    return (batch.changes.begun.isEmpty() ? 0 : HOLDS)
        | (batch.marked.isEmpty() ? 0 : MARKS)
        | (batch.changes.finished.isEmpty() ? 0 : ENDS)
        | (batch.lots.isEmpty() ? 0 : LOTS)
        | (begun ? 0 : BEGIN)
        | FENCE
        | COMMIT;
  }

  private PreparedStatement statement(int parts) throws SQLException {
    PreparedStatement statement = statements[parts];
    if (statement == null) {
      String text =
          ((parts & BEGIN) == 0 ? "" : "BEGIN;\n")
              + ((parts & FENCE) == 0 ? "" : MOVE_FENCE)
              + ((parts & HOLDS) == 0 ? "" : ADD_HOLDS)
              + ((parts & MARKS) == 0 ? "" : MARK_HOLDS)
              + ((parts & ENDS) == 0 ? "" : END_HOLDS + ADD_FINISHED)
              + ((parts & LOTS) == 0 ? "" : CHANGE_LOTS)
              + ((parts & COMMIT) == 0 ? "" : "COMMIT");
      statement = connection.prepareStatement(named(text, distributed));
      statements[parts] = statement;
    }
    return statement;
  }

  private static String named(String text, boolean distributed) {
    return text.replace("{h}", distributed ? "h.bucket = ? AND" : "")
        .replace("{l}", distributed ? "l.bucket = ? AND" : "");
  }

  /// Statements of every batch that look rows up.
  static List<String> hotStatements(boolean distributed) {
    return List.of(MOVE_FENCE, MARK_HOLDS, END_HOLDS, CHANGE_LOTS).stream()
        .map(text -> named(text, distributed))
        .toList();
  }

  /// @return the time at which the batch was written, by the server's clock, if the fence is one of
  ///   the parts
  private long send(Batch batch, int parts, Fence fence, Fence next, Books books)
      throws SQLException {
    PreparedStatement statement = statement(parts);
    Columns columns = new Columns(connection, statement);
    if ((parts & FENCE) != 0) {
      columns.number(fence.bucket()).number(fence.node()).number(fence.epoch()).number(fence.seq());
    }
    if ((parts & HOLDS) != 0) {
      bindHolds(columns, batch.changes.begun, fence.node());
    }
    if ((parts & MARKS) != 0) {
      bindMarks(columns, batch.marked, next);
    }
    if ((parts & ENDS) != 0) {
      bindEnds(columns, batch.changes.finished, next);
    }
    if ((parts & LOTS) != 0) {
      bindLots(columns, batch.lots, next);
    }
    return outcome(statement, books, (parts & FENCE) != 0);
  }

  private static void bindHolds(Columns columns, List<OpenHold> holds, int node)
      throws SQLException {
    columns
        .number(node)
        .numbers(holds, hold -> Bucket.of(hold.wallet()))
        .numbers(holds, hold -> hold.id().value())
        .numbers(holds, hold -> hold.wallet().value())
        .numbers(holds, OpenHold::deadlineMicros)
        .numbers(holds, OpenHold::held)
        .numbers(holds, OpenHold::print)
        .texts(holds, OpenHold::ref)
        .bytes(holds, hold -> Legs.encode(hold.legs()));
  }

  private void bindMarks(Columns columns, List<OpenHold> marked, Fence next) throws SQLException {
    columns
        .numbers(marked, hold -> Bucket.of(hold.wallet()))
        .numbers(marked, hold -> hold.id().value())
        .numbers(marked, hold -> mark(hold).charge())
        .bytes(marked, hold -> mark(hold).facts());
    bindBucket(columns, next);
  }

  private static OpenHold.Mark mark(OpenHold hold) {
    return Objects.requireNonNull(hold.mark());
  }

  private void bindEnds(Columns columns, List<Changes.Finished> ends, Fence next)
      throws SQLException {
    columns
        .numbers(ends, end -> Bucket.of(end.hold().wallet()))
        .numbers(ends, end -> end.hold().id().value());
    bindBucket(columns, next);
    columns
        .number(ends.size())
        .number(next.id())
        .number(next.seq())
        .numbers(ends, end -> Bucket.of(end.hold().wallet()))
        .numbers(ends, end -> end.hold().id().value())
        .numbers(ends, end -> end.hold().wallet().value())
        .numbers(ends, end -> end.hold().held())
        .numbers(ends, end -> end.ending().charge().value())
        .numbers(ends, Changes.Finished::loss)
        .numbers(ends, end -> end.ending().estimated() ? 1 : 0)
        .numbers(ends, end -> end.hold().print())
        .numbers(ends, Changes.Finished::endedMicros)
        .texts(ends, end -> end.ending().reason())
        .texts(ends, end -> end.hold().ref())
        .bytes(ends, end -> Legs.encode(end.legs()))
        .bytes(ends, Changes.Finished::facts);
  }

  private void bindLots(Columns columns, List<Changes.LotChange> lots, Fence next)
      throws SQLException {
    columns
        .numbers(lots, lot -> Bucket.of(lot.wallet()))
        .numbers(lots, lot -> lot.after().id().value())
        .numbers(lots, lot -> lot.after().pending() - before(lot).pending())
        .numbers(lots, lot -> lot.after().posted() - before(lot).posted());
    bindBucket(columns, next);
    columns.number(lots.size());
  }

  private static LotState before(Changes.LotChange lot) {
    return Objects.requireNonNull(lot.before());
  }

  private void bindBucket(Columns columns, Fence next) throws SQLException {
    if (distributed) {
      columns.number(next.bucket());
    }
  }

  /// Goes through the answers to all statements: the first rows are the fence's, rows of five
  /// columns are lots.
  private static long outcome(PreparedStatement statement, Books books, boolean fenced)
      throws SQLException {
    long stored = 0;
    boolean isFence = fenced;
    boolean rows = statement.execute();
    while (rows || statement.getUpdateCount() != -1) {
      if (rows) {
        try (ResultSet row = statement.getResultSet()) {
          if (isFence) {
            row.next();
            stored = row.getLong(1);
            isFence = false;
          } else if (row.getMetaData().getColumnCount() == LOT_COLUMNS) {
            seen(row, books);
          }
        }
      }
      rows = statement.getMoreResults();
    }
    return stored;
  }

  private static void seen(ResultSet row, Books books) throws SQLException {
    while (row.next()) {
      if (row.getLong(2) != 0) {
        books.seen(
            new WalletId(row.getLong(1)),
            new LotState.Figures(
                new LotId(row.getLong(2)), row.getLong(3), row.getLong(4), row.getLong(5)));
      }
    }
  }
}
