package faregate.ledger;

import faregate.id.CallId;
import faregate.id.WalletId;
import faregate.ledger.History.Incident;
import faregate.ledger.History.PastCall;
import faregate.money.Nanos;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;

/// The rows of [History].
final class HistorySql {
  /// Rows fetched at once: all of a month need not fit in memory.
  private static final int FETCHED = 2_000;

  static final String CALLS =
      """
      SELECT id, wallet, held, charge, coalesce(adjusted, charge), loss,
        CASE WHEN adjusted IS NULL THEN estimated ELSE 0 END,
        CASE WHEN adjusted IS NULL THEN 0 ELSE 1 END, reason, ref, facts, ended_at, fence, seq
      FROM finished WHERE bucket IN (%s) AND id >= :from AND id < :to
      """
          .formatted(Bucket.ALL);

  static final String INCIDENTS =
      """
      SELECT call, kind, amount, reason, made_at FROM incident
      WHERE bucket IN (%s) AND call >= :from AND call < :to ORDER BY id
      """
          .formatted(Bucket.ALL);

  private HistorySql() {}

  static void calls(Handle handle, long fromId, long toId, Consumer<PastCall> to) {
    handle
        .createQuery(CALLS)
        .bind("from", fromId)
        .bind("to", toId)
        .setFetchSize(FETCHED)
        .map((row, _) -> call(row))
        .forEach(to);
  }

  private static PastCall call(ResultSet row) throws SQLException {
    return new PastCall(
        new CallId(row.getLong(1)),
        new WalletId(row.getLong(2)),
        Nanos.of(row.getLong(3)),
        Nanos.of(row.getLong(4)),
        Nanos.of(row.getLong(5)),
        Nanos.of(row.getLong(6)),
        row.getInt(7) != 0,
        row.getInt(8) != 0,
        row.getString(9),
        row.getString(10),
        row.getBytes(11),
        row.getLong(12),
        row.getLong(13),
        row.getLong(14));
  }

  static List<Incident> incidents(Handle handle, long fromId, long toId) {
    return handle
        .createQuery(INCIDENTS)
        .bind("from", fromId)
        .bind("to", toId)
        .map(
            (row, _) ->
                new Incident(
                    new CallId(row.getLong(1)),
                    row.getString(2),
                    Nanos.of(row.getLong(3)),
                    row.getString(4),
                    row.getLong(5)))
        .list();
  }
}
