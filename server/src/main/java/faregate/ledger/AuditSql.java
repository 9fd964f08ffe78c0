package faregate.ledger;

import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;

/// The rows of some buckets, for the audit. All in the snapshot of the handle.
///
/// Buckets and not wallets, for on a shared database they come first in every key: nothing else
/// finds the ended calls of some wallets without reading those of all.
final class AuditSql {
  private static final int FETCHED_ROWS = 2_000;

  private final Handle handle;
  private final int first;
  private final int last;

  /// @param first bucket
  /// @param last bucket, included
  AuditSql(Handle handle, int first, int last) {
    this.handle = handle;
    this.first = first;
    this.last = last;
  }

  record LotRow(long wallet, LotState lot) {}

  record TransferRow(
      long wallet, String ref, boolean adjusts, long amount, long call, byte[] legs) {}

  record HoldRow(long wallet, long id, long held, byte[] legs) {}

  record FinishedRow(
      long wallet, long id, long held, long charge, long adjusted, byte[] legs, boolean open) {}

  record ClosingRow(long wallet, long lot, boolean limit, long posted) {}

  record IncidentRow(String kind, long amount) {}

  static long lots(Handle handle) {
    return handle.createQuery("SELECT count(*) FROM lot").mapTo(Long.class).one();
  }

  static long transfers(Handle handle) {
    return handle.createQuery("SELECT count(*) FROM transfer").mapTo(Long.class).one();
  }

  /// Whether more calls than this have ended; cheaper than to count them all.
  static boolean hasMoreFinished(Handle handle, long than) {
    return handle
        .createQuery("SELECT id FROM finished LIMIT 1 OFFSET :than")
        .bind("than", than)
        .mapTo(Long.class)
        .findOne()
        .isPresent();
  }

  void lots(Consumer<LotRow> to) {
    query(
            """
            SELECT id, kind, total, granted, coalesce(target, -1), pending, posted, starts, expires,
              ref, wallet
            FROM lot WHERE bucket >= :first AND bucket <= :last ORDER BY wallet, id
            """)
        .map((row, _) -> new LotRow(row.getLong(11), LoadSql.lot(row)))
        .forEach(to);
  }

  void transfers(Consumer<TransferRow> to) {
    query(
            """
            SELECT wallet, ref, kind = 'adjust', amount, coalesce(call, 0), legs FROM transfer
            WHERE bucket >= :first AND bucket <= :last
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
    query(
            """
            SELECT wallet, id, held, legs FROM hold WHERE bucket >= :first AND bucket <= :last
            """)
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
            FROM finished f LEFT JOIN hold h ON h.bucket = f.bucket AND h.id = f.id
            WHERE f.bucket >= :first AND f.bucket <= :last
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

  void closings(Consumer<ClosingRow> to) {
    query(
            """
            SELECT c.wallet, c.lot, coalesce(l.kind, '') = 'LIMIT', c.posted
            FROM closing c LEFT JOIN lot l ON l.bucket = c.bucket AND l.id = c.lot
            WHERE c.bucket >= :first AND c.bucket <= :last
            """)
        .map(
            (row, _) ->
                new ClosingRow(row.getLong(1), row.getLong(2), row.getBoolean(3), row.getLong(4)))
        .forEach(to);
  }

  /// How many ended calls are gone.
  long closed() {
    return query(
            """
            SELECT CAST(coalesce(sum(calls), 0) AS BIGINT) FROM closed
            WHERE bucket >= :first AND bucket <= :last
            """)
        .mapTo(Long.class)
        .one();
  }

  void incidents(Consumer<IncidentRow> to) {
    query(
            """
            SELECT kind, CAST(sum(amount) AS BIGINT) FROM incident
            WHERE bucket >= :first AND bucket <= :last GROUP BY kind
            """)
        .map((row, _) -> new IncidentRow(row.getString(1), row.getLong(2)))
        .forEach(to);
  }

  private org.jdbi.v3.core.statement.Query query(String sql) {
    return handle
        .createQuery(sql)
        .bind("first", first)
        .bind("last", last)
        .setFetchSize(FETCHED_ROWS);
  }
}
