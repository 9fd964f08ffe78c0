package faregate.ledger;

import faregate.id.WalletId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;

/// Rows that few batches write: new lots, transfers, late bills, incidents, clients' keys. The same
/// statements on every database.
final class RareSql {
  private static final String ADD_LOT =
      """
      INSERT INTO lot (granted, total, target, pending, posted, id, bucket, wallet, kind,
        starts, expires, ref)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """;

  private static final String ADJUST_FINISHED =
      """
      UPDATE finished SET adjusted = ?, loss = ?, revision = ?, fence = ?, seq = ?,
        facts = CASE WHEN length(?) > 0 THEN ? ELSE facts END
      WHERE bucket = ? AND id = ? AND coalesce(revision, ?) = ?
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

  private final Kept kept;
  private final RepeatSql repeats;

  RareSql(Connection connection, RepeatSql repeats) {
    this.kept = new Kept(connection);
    this.repeats = repeats;
  }

  /// All rare rows of a batch but lots.
  void write(Changes changes, Fence next, long nowMicros) throws SQLException {
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
  }

  void addLot(WalletId wallet, LotState lot) throws SQLException {
    PreparedStatement row = kept.get(ADD_LOT);
    row.setLong(1, lot.granted());
    row.setLong(2, lot.total());
    if (lot.target() == LotState.NO_TARGET) {
      row.setNull(3, Types.BIGINT);
    } else {
      row.setLong(3, lot.target());
    }
    row.setLong(4, lot.pending());
    row.setLong(5, lot.posted());
    row.setLong(6, lot.id().value());
    row.setInt(7, Bucket.of(wallet));
    row.setLong(8, wallet.value());
    row.setString(9, lot.kind().name());
    row.setLong(10, lot.startsMicros());
    row.setLong(11, lot.expiresMicros());
    row.setString(12, lot.ref());
    one(row, "lot", lot.id().value());
  }

  private void adjust(Changes.Adjusted call, Fence next) throws SQLException {
    PreparedStatement adjustFinished = kept.get(ADJUST_FINISHED);
    adjustFinished.setLong(1, call.charge());
    adjustFinished.setLong(2, call.loss());
    adjustFinished.setLong(3, call.revision());
    adjustFinished.setLong(4, next.id());
    adjustFinished.setLong(5, next.seq());
    adjustFinished.setBytes(6, call.facts());
    adjustFinished.setBytes(7, call.facts());
    adjustFinished.setInt(8, Bucket.of(call.wallet()));
    adjustFinished.setLong(9, call.call().value());
    adjustFinished.setLong(10, Changes.Adjusted.NO_REVISION);
    adjustFinished.setLong(11, call.read());
    // Two nodes may hold a bill for the same call: the second to write decides on what the first
    // made.
    if (adjustFinished.executeUpdate() != 1) {
      throw new StaleException("call " + call.call());
    }
  }

  private void add(Changes.Transfer transfer, long nowMicros) throws SQLException {
    PreparedStatement addTransfer = kept.get(ADD_TRANSFER);
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
    PreparedStatement addIncident = kept.get(ADD_INCIDENT);
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

  static void one(PreparedStatement row, String table, long id) throws SQLException {
    if (row.executeUpdate() != 1) {
      throw new SQLException("no row of " + table + " has the id " + id);
    }
  }
}
