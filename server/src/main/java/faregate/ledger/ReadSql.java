package faregate.ledger;

import faregate.id.CallId;
import faregate.id.WalletId;
import faregate.ledger.Ledger.CallRef;
import faregate.ledger.LedgerReads.Call;
import faregate.ledger.LedgerReads.Finished;
import faregate.money.Nanos;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/// The questions that [LedgerReads] answers.
final class ReadSql {
  private static final byte[] NO_FACTS = new byte[0];

  static final String OPEN =
      "SELECT wallet, held, ref, mark_facts FROM hold WHERE bucket IN (%s) AND id = :id";

  static final String ENDED =
      """
      SELECT wallet, held, ref, facts, coalesce(adjusted, charge),
        CASE WHEN adjusted IS NULL THEN estimated ELSE 0 END, reason
      FROM finished WHERE bucket IN (%s) AND id = :id
      """;

  private ReadSql() {}

  static List<LotState> lots(Handle handle, WalletId wallet) {
    return handle
        .createQuery(
            """
            SELECT id, kind, total, granted, coalesce(target, -1), pending, posted, starts, expires,
              ref
            FROM lot WHERE bucket = :bucket AND wallet = :wallet
            """)
        .bind("bucket", Bucket.of(wallet))
        .bind("wallet", wallet.value())
        .map((row, _) -> LoadSql.lot(row))
        .list();
  }

  static Optional<Call> call(Handle handle, CallRef call) {
    return call(handle, call.id(), Integer.toString(Bucket.of(call.wallet())))
        .filter(found -> found.wallet().equals(call.wallet()));
  }

  static Optional<Call> call(Handle handle, CallId id) {
    return call(handle, id, Bucket.ALL);
  }

  private static Optional<Call> call(Handle handle, CallId id, String buckets) {
    return openCall(handle, id, buckets).or(() -> endedCall(handle, id, buckets));
  }

  private static Optional<Call> openCall(Handle handle, CallId id, String buckets) {
    return handle
        .createQuery(OPEN.formatted(buckets))
        .bind("id", id.value())
        .map(
            (row, _) ->
                new Call(
                    id,
                    new WalletId(row.getLong(1)),
                    Nanos.of(row.getLong(2)),
                    null,
                    row.getString(3),
                    Objects.requireNonNullElse(row.getBytes(4), NO_FACTS)))
        .findOne();
  }

  private static Optional<Call> endedCall(Handle handle, CallId id, String buckets) {
    return handle
        .createQuery(ENDED.formatted(buckets))
        .bind("id", id.value())
        .map(
            (row, _) ->
                new Call(
                    id,
                    new WalletId(row.getLong(1)),
                    Nanos.of(row.getLong(2)),
                    new Ending(Nanos.of(row.getLong(5)), row.getInt(6) != 0, row.getString(7)),
                    row.getString(3),
                    row.getBytes(4)))
        .findOne();
  }

  /// The call that has a client's key now.
  static Optional<Repeats.Named> named(Handle handle, Repeats.Place place, long nowMicros) {
    return handle
        .createQuery(RepeatSql.FIND)
        .bind(0, Bucket.of(place.wallet()))
        .bind(1, place.wallet().value())
        .bind(2, place.token())
        .bind(3, place.key())
        .bind(4, nowMicros)
        .map((row, _) -> RepeatSql.named(row))
        .findOne();
  }

  static long holdsOpen(Handle handle) {
    return handle.createQuery("SELECT count(*) FROM hold").mapTo(Long.class).one();
  }

  static List<Long> fences(Handle handle) {
    return handle
        .createQuery("SELECT bucket, node FROM fence ORDER BY bucket, node")
        .map((row, _) -> Fence.id(row.getInt(1), row.getInt(2)))
        .list();
  }

  /// Whole batches: up to that of the row at `limit`.
  static List<Finished> finishedAfter(Handle handle, long fence, long seq, int limit) {
    long last =
        handle
            .createQuery(
                """
                SELECT seq FROM finished WHERE fence = :fence AND seq > :seq
                ORDER BY seq LIMIT 1 OFFSET :skipped
                """)
            .bind("fence", fence)
            .bind("seq", seq)
            .bind("skipped", limit - 1)
            .mapTo(Long.class)
            .findOne()
            .orElse(Long.MAX_VALUE);
    return handle
        .createQuery(
            """
            SELECT fence, seq, id, wallet, held, coalesce(adjusted, charge),
              CASE WHEN adjusted IS NULL THEN estimated ELSE 0 END, reason, ref,
              facts, ended_at
            FROM finished WHERE fence = :fence AND seq > :seq AND seq <= :last ORDER BY seq, id
            """)
        .bind("fence", fence)
        .bind("seq", seq)
        .bind("last", last)
        .map((row, _) -> finished(row))
        .list();
  }

  static long finishedLast(Handle handle, long fence) {
    return handle
        .createQuery("SELECT seq FROM finished WHERE fence = :fence ORDER BY seq DESC LIMIT 1")
        .bind("fence", fence)
        .mapTo(Long.class)
        .findOne()
        .orElse(0L);
  }

  private static Finished finished(ResultSet row) throws SQLException {
    return new Finished(
        row.getLong(1),
        row.getLong(2),
        new CallId(row.getLong(3)),
        new WalletId(row.getLong(4)),
        Nanos.of(row.getLong(5)),
        Nanos.of(row.getLong(6)),
        row.getInt(7) != 0,
        row.getString(8),
        row.getString(9),
        row.getBytes(10),
        row.getLong(11));
  }
}
