package faregate.ledger;

import faregate.id.WalletId;
import faregate.kit.Clock;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/// Writes a batch to a file of this process: one transaction, with kept statements, behind its
/// fence.
///
/// The connection is in auto-commit mode; begin and commit are statements like the others, so that
/// none is prepared anew for a batch.
final class WriterSql implements BatchSql {
  private static final String MOVE_FENCE =
      """
      UPDATE fence SET seq = seq + 1, stored_at = ?
      WHERE bucket = ? AND node = ? AND epoch = ? AND seq = ?
      """;

  private static final String CHANGE_LOT =
      """
      UPDATE lot SET granted = granted + ?, total = total + ?, target = ?,
        pending = pending + ?, posted = posted + ?
      WHERE id = ?
      """;

  private static final String ADD_HOLD =
      """
      INSERT INTO hold (id, bucket, wallet, node, deadline, held, print, ref, legs)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
      """;

  private static final String MARK_HOLD =
      "UPDATE hold SET mark_charge = ?, mark_facts = ? WHERE id = ?";

  private static final String ADD_FINISHED =
      """
      INSERT INTO finished (id, bucket, wallet, held, charge, loss, estimated, reason, print,
        ref, legs, facts, ended_at, fence, seq)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """;

  private final PreparedStatement begin;
  private final PreparedStatement commit;
  private final PreparedStatement rollback;
  private final PreparedStatement moveFence;
  private final PreparedStatement changeLot;
  private final PreparedStatement addHold;
  private final PreparedStatement markHold;
  private final PreparedStatement endHold;
  private final PreparedStatement addFinished;
  private final RareSql rare;

  WriterSql(Connection connection, RepeatSql repeats) throws SQLException {
    begin = connection.prepareStatement("BEGIN IMMEDIATE");
    commit = connection.prepareStatement("COMMIT");
    rollback = connection.prepareStatement("ROLLBACK");
    moveFence = connection.prepareStatement(MOVE_FENCE);
    changeLot = connection.prepareStatement(CHANGE_LOT);
    addHold = connection.prepareStatement(ADD_HOLD);
    markHold = connection.prepareStatement(MARK_HOLD);
    endHold = connection.prepareStatement("DELETE FROM hold WHERE id = ?");
    addFinished = connection.prepareStatement(ADD_FINISHED);
    rare = new RareSql(connection, repeats);
  }

  /// One process, one writer: memory is always right, and rows are read as they are needed.
  @Override
  public void read(Books books, Collection<WalletId> wallets) {}

  @Override
  public Set<WalletId> lock(Books books, Collection<WalletId> wallets) {
    return Set.of();
  }

  /// Also where a rollback failed, so that nobody knows whether a transaction is still open.
  @Override
  public void abandon() throws SQLException {
    try {
      rollback.execute();
    } catch (SQLException e) {
      if (!String.valueOf(e.getMessage()).contains("no transaction is active")) {
        throw e;
      }
    }
  }

  @Override
  public long nowMicros(Clock clock) {
    return clock.micros();
  }

  @Override
  public Fence write(Changes changes, Books books, Fence fence, long nowMicros)
      throws SQLException {
    Fence next = fence.next(nowMicros);
    begin.execute();
    try {
      move(fence, nowMicros);
      for (Changes.LotChange change : changes.lots(books)) {
        write(change);
      }
      hold(changes, fence.node());
      mark(changes, books);
      finish(changes, next);
      rare.write(changes, next, nowMicros);
      commit.execute();
      return next;
    } catch (SQLException | RuntimeException e) {
      rollBack(e);
      throw e;
    }
  }

  private void rollBack(Exception cause) {
    try {
      for (PreparedStatement batched : List.of(addHold, markHold, endHold, addFinished)) {
        batched.clearBatch();
      }
      rollback.execute();
    } catch (SQLException e) {
      // A full disk makes SQLite roll back by itself, and then there is nothing to roll back.
      cause.addSuppressed(e);
    }
  }

  private void move(Fence fence, long nowMicros) throws SQLException {
    moveFence.setLong(1, nowMicros);
    moveFence.setInt(2, fence.bucket());
    moveFence.setInt(3, fence.node());
    moveFence.setLong(4, fence.epoch());
    moveFence.setLong(5, fence.seq());
    if (moveFence.executeUpdate() != 1) {
      throw new FenceLostException(fence);
    }
  }

  private void write(Changes.LotChange change) throws SQLException {
    LotState lot = change.after();
    LotState before = change.before();
    if (before == null) {
      rare.addLot(change.wallet(), lot);
      return;
    }
    changeLot.setLong(1, lot.granted() - before.granted());
    changeLot.setLong(2, lot.total() - before.total());
    if (lot.target() == LotState.NO_TARGET) {
      changeLot.setNull(3, Types.BIGINT);
    } else {
      changeLot.setLong(3, lot.target());
    }
    changeLot.setLong(4, lot.pending() - before.pending());
    changeLot.setLong(5, lot.posted() - before.posted());
    changeLot.setLong(6, lot.id().value());
    RareSql.one(changeLot, "lot", lot.id().value());
  }

  private void hold(Changes changes, int node) throws SQLException {
    for (OpenHold hold : changes.begun) {
      addHold.setLong(1, hold.id().value());
      addHold.setInt(2, Bucket.of(hold.wallet()));
      addHold.setLong(3, hold.wallet().value());
      addHold.setInt(4, node);
      addHold.setLong(5, hold.deadlineMicros());
      addHold.setLong(6, hold.held());
      addHold.setLong(7, hold.print());
      addHold.setString(8, hold.ref());
      addHold.setBytes(9, Legs.encode(hold.legs()));
      addHold.addBatch();
    }
    each(addHold, changes.begun.size(), "added to hold");
  }

  private void mark(Changes changes, Books books) throws SQLException {
    int count = 0;
    for (OpenHold before : changes.marksBefore.values()) {
      OpenHold hold = books.open(before.id());
      if (hold != null && hold.mark() != null) {
        markHold.setLong(1, hold.mark().charge());
        markHold.setBytes(2, hold.mark().facts());
        markHold.setLong(3, hold.id().value());
        markHold.addBatch();
        count++;
      }
    }
    each(markHold, count, "marked in hold");
  }

  private void finish(Changes changes, Fence next) throws SQLException {
    for (Changes.Finished row : changes.finished) {
      OpenHold hold = row.hold();
      endHold.setLong(1, hold.id().value());
      endHold.addBatch();
      addFinished.setLong(1, hold.id().value());
      addFinished.setInt(2, Bucket.of(hold.wallet()));
      addFinished.setLong(3, hold.wallet().value());
      addFinished.setLong(4, hold.held());
      addFinished.setLong(5, row.ending().charge().value());
      addFinished.setLong(6, row.loss());
      addFinished.setInt(7, row.ending().estimated() ? 1 : 0);
      addFinished.setString(8, row.ending().reason());
      addFinished.setLong(9, hold.print());
      addFinished.setString(10, hold.ref());
      addFinished.setBytes(11, Legs.encode(row.legs()));
      addFinished.setBytes(12, row.facts());
      addFinished.setLong(13, row.endedMicros());
      addFinished.setLong(14, next.id());
      addFinished.setLong(15, next.seq());
      addFinished.addBatch();
    }
    each(endHold, changes.finished.size(), "taken from hold");
    each(addFinished, changes.finished.size(), "added to finished");
  }

  private static void each(PreparedStatement rows, int count, String what) throws SQLException {
    int changed = 0;
    for (int one : count == 0 ? new int[0] : rows.executeBatch()) {
      changed += one;
    }
    if (changed != count) {
      throw new SQLException(changed + " rows instead of " + count + " were " + what);
    }
  }
}
