package faregate.ledger;

import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;

/// The rows of the wallets in a range, for the audit. All in the snapshot of the handle.
final class AuditSql {
  private final Handle handle;
  private final long after;
  private final long upTo;

  /// @param after wallets above this
  /// @param upTo and at most this
  AuditSql(Handle handle, long after, long upTo) {
    this.handle = handle;
    this.after = after;
    this.upTo = upTo;
  }

  record LotRow(long wallet, LotState lot) {}

  record TransferRow(
      long wallet, String ref, boolean adjusts, long amount, long call, byte[] legs) {}

  record HoldRow(long wallet, long id, long held, byte[] legs) {}

  record FinishedRow(
      long wallet, long id, long held, long charge, long adjusted, byte[] legs, boolean open) {}

  record IncidentRow(String kind, long amount) {}

  /// @return the last of the next `count` wallets that have lots, or the highest number there is
  static long endOfRange(Handle handle, long after, int count) {
    return handle
        .createQuery(
            """
            SELECT DISTINCT wallet FROM lot WHERE wallet > :after
            ORDER BY wallet LIMIT 1 OFFSET :skipped
            """)
        .bind("after", after)
        .bind("skipped", count - 1)
        .mapTo(Long.class)
        .findOne()
        .orElse(Long.MAX_VALUE);
  }

  void lots(Consumer<LotRow> to) {
    query(
            """
            SELECT id, kind, total, granted, coalesce(target, -1), pending, posted, starts, expires,
              ref, wallet
            FROM lot WHERE wallet > :after AND wallet <= :upTo ORDER BY wallet, id
            """)
        .map((row, _) -> new LotRow(row.getLong(11), LoadSql.lot(row)))
        .forEach(to);
  }

  void transfers(Consumer<TransferRow> to) {
    query(
            """
            SELECT wallet, ref, kind = 'adjust', amount, coalesce(call, 0), legs FROM transfer
            WHERE wallet > :after AND wallet <= :upTo
            """)
        .map(
            (row, _) ->
                new TransferRow(
                    row.getLong(1),
                    row.getString(2),
                    row.getBoolean(3),
                    row.getLong(4),
                    row.getLong(5),
                    row.getBytes(6)))
        .forEach(to);
  }

  void holds(Consumer<HoldRow> to) {
    query("SELECT wallet, id, held, legs FROM hold WHERE wallet > :after AND wallet <= :upTo")
        .map(
            (row, _) ->
                new HoldRow(row.getLong(1), row.getLong(2), row.getLong(3), row.getBytes(4)))
        .forEach(to);
  }

  void finished(Consumer<FinishedRow> to) {
    query(
            """
            SELECT f.wallet, f.id, f.held, f.charge, coalesce(f.adjusted, f.charge), f.legs,
              h.id IS NOT NULL
            FROM finished f LEFT JOIN hold h ON h.id = f.id
            WHERE f.wallet > :after AND f.wallet <= :upTo
            """)
        .map(
            (row, _) ->
                new FinishedRow(
                    row.getLong(1),
                    row.getLong(2),
                    row.getLong(3),
                    row.getLong(4),
                    row.getLong(5),
                    row.getBytes(6),
                    row.getBoolean(7)))
        .forEach(to);
  }

  void incidents(Consumer<IncidentRow> to) {
    query(
            """
            SELECT kind, CAST(sum(amount) AS BIGINT) FROM incident
            WHERE wallet > :after AND wallet <= :upTo GROUP BY kind
            """)
        .map((row, _) -> new IncidentRow(row.getString(1), row.getLong(2)))
        .forEach(to);
  }

  private org.jdbi.v3.core.statement.Query query(String sql) {
    return handle.createQuery(sql).bind("after", after).bind("upTo", upTo);
  }
}
