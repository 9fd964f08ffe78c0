package faregate.ledger;

import faregate.id.WalletId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.util.List;

/// Writes a batch as one transaction, with kept statements, behind its fence.
///
/// The connection is in auto-commit mode; begin and commit are statements like the others, so that
/// none is prepared anew for a batch.
final class WriterSql {
  private static final String MOVE_FENCE =
      """
      UPDATE fence SET seq = seq + 1, stored_at = ?
      WHERE bucket = ? AND node = ? AND epoch = ? AND seq = ?
      """;

  private static final String ADD_LOT =
      """
      INSERT INTO lot (granted, total, target, pending, posted, id, bucket, wallet, kind,
        starts, expires, ref)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
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

  private static final String ADJUST_FINISHED =
      """
      UPDATE finished SET adjusted = ?, loss = ?, revision = ?, fence = ?, seq = ?,
        facts = CASE WHEN length(?) > 0 THEN ? ELSE facts END
      WHERE id = ?
      """;

  private static final String ADD_TRANSFER =
      """
      INSERT INTO transfer (bucket, wallet, ref, kind, amount, lot, call, legs, reason, made_at)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """;

  private static final String ADD_INCIDENT =
      """
      INSERT INTO incident (id, bucket, wallet, call, kind, amount, reason, made_at)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)
      """;

  private final PreparedStatement begin;
  private final PreparedStatement commit;
  private final PreparedStatement rollback;
  private final PreparedStatement moveFence;
  private final PreparedStatement addLot;
  private final PreparedStatement changeLot;
  private final PreparedStatement addHold;
  private final PreparedStatement markHold;
  private final PreparedStatement endHold;
  private final PreparedStatement addFinished;
  private final PreparedStatement adjustFinished;
  private final PreparedStatement addTransfer;
  private final PreparedStatement addIncident;
  private final RepeatSql repeats;

  WriterSql(Connection connection, RepeatSql repeats) throws SQLException {
    this.repeats = repeats;
    begin = connection.prepareStatement("BEGIN IMMEDIATE");
    commit = connection.prepareStatement("COMMIT");
    rollback = connection.prepareStatement("ROLLBACK");
    moveFence = connection.prepareStatement(MOVE_FENCE);
    addLot = connection.prepareStatement(ADD_LOT);
    changeLot = connection.prepareStatement(CHANGE_LOT);
    addHold = connection.prepareStatement(ADD_HOLD);
    markHold = connection.prepareStatement(MARK_HOLD);
    endHold = connection.prepareStatement("DELETE FROM hold WHERE id = ?");
    addFinished = connection.prepareStatement(ADD_FINISHED);
    adjustFinished = connection.prepareStatement(ADJUST_FINISHED);
    addTransfer = connection.prepareStatement(ADD_TRANSFER);
    addIncident = connection.prepareStatement(ADD_INCIDENT);
  }

  /// Writes all changes of the batch. When this returns, they are durable.
  ///
  /// @return the fence as it stands now
  /// @throws FenceLostException when the fence was taken over; nothing was written
  /// @throws SQLException when anything else went wrong; whether the batch was written is told by
  ///   the fence's seq
  Fence write(Changes changes, Books books, Fence fence, long nowMicros) throws SQLException {
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
      repeats.write(changes, nowMicros);
      for (Changes.Adjusted adjusted : changes.adjusted.values()) {
        adjust(adjusted, next);
      }
      for (Changes.Transfer transfer : changes.transfers()) {
        add(transfer, nowMicros);
      }
      for (Changes.Incident incident : changes.incidents) {
        add(incident, nowMicros);
      }
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
    PreparedStatement row = before == null ? addLot : changeLot;
    row.setLong(1, lot.granted() - (before == null ? 0 : before.granted()));
    row.setLong(2, lot.total() - (before == null ? 0 : before.total()));
    if (lot.target() == LotState.NO_TARGET) {
      row.setNull(3, Types.BIGINT);
    } else {
      row.setLong(3, lot.target());
    }
    row.setLong(4, lot.pending() - (before == null ? 0 : before.pending()));
    row.setLong(5, lot.posted() - (before == null ? 0 : before.posted()));
    row.setLong(6, lot.id().value());
    if (before == null) {
      describe(row, change.wallet(), lot);
    }
    one(row, "lot", lot.id().value());
  }

  private static void describe(PreparedStatement row, WalletId wallet, LotState lot)
      throws SQLException {
    row.setInt(7, Bucket.of(wallet));
    row.setLong(8, wallet.value());
    row.setString(9, lot.kind().name());
    row.setLong(10, lot.startsMicros());
    row.setLong(11, lot.expiresMicros());
    row.setString(12, lot.ref());
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

  private void adjust(Changes.Adjusted call, Fence next) throws SQLException {
    adjustFinished.setLong(1, call.charge());
    adjustFinished.setLong(2, call.loss());
    adjustFinished.setLong(3, call.revision());
    adjustFinished.setLong(4, next.id());
    adjustFinished.setLong(5, next.seq());
    adjustFinished.setBytes(6, call.facts());
    adjustFinished.setBytes(7, call.facts());
    adjustFinished.setLong(8, call.call().value());
    one(adjustFinished, "finished", call.call().value());
  }

  private void add(Changes.Transfer transfer, long nowMicros) throws SQLException {
    addTransfer.setInt(1, Bucket.of(transfer.wallet()));
    addTransfer.setLong(2, transfer.wallet().value());
    addTransfer.setString(3, transfer.ref());
    addTransfer.setString(4, transfer.kind());
    addTransfer.setLong(5, transfer.amount());
    addTransfer.setObject(6, transfer.lot() == null ? null : transfer.lot().value());
    addTransfer.setObject(7, transfer.call() == null ? null : transfer.call().value());
    addTransfer.setBytes(8, Legs.encode(transfer.legs()));
    addTransfer.setString(9, transfer.reason());
    addTransfer.setLong(10, nowMicros);
    addTransfer.executeUpdate();
  }

  private void add(Changes.Incident incident, long nowMicros) throws SQLException {
    addIncident.setLong(1, incident.id());
    addIncident.setInt(2, Bucket.of(incident.wallet()));
    addIncident.setLong(3, incident.wallet().value());
    addIncident.setLong(4, incident.call().value());
    addIncident.setString(5, incident.kind());
    addIncident.setLong(6, incident.amount());
    addIncident.setString(7, incident.reason());
    addIncident.setLong(8, nowMicros);
    addIncident.executeUpdate();
  }

  private static void one(PreparedStatement row, String table, long id) throws SQLException {
    if (row.executeUpdate() != 1) {
      throw new SQLException("no row of " + table + " has the id " + id);
    }
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
