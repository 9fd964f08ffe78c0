package faregate.usage;

import faregate.id.WalletId;
import faregate.money.Nanos;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.mapper.RowMapper;

/// Reads the tables for reports. Sums are cast, for a database may widen them.
final class ReportSql {
  private static final RowMapper<Line> TO_LINE =
      (row, _) ->
          new Line(
              row.getLong("day"),
              row.getString("provider"),
              row.getString("model"),
              new Totals(
                  row.getLong("requests"),
                  row.getLong("voided"),
                  row.getLong("estimated"),
                  Nanos.of(row.getLong("charge")),
                  row.getLong("input_tokens"),
                  row.getLong("cached_tokens"),
                  row.getLong("output_tokens"),
                  row.getLong("cache_write_tokens"),
                  row.getLong("reasoning_tokens"),
                  row.getLong("millis")));

  /// One offer on one day.
  record Line(long day, String provider, String model, Totals totals) {}

  private ReportSql() {}

  /// Sums of whole days, the last one not among them.
  static List<Line> days(Handle handle, WalletId wallet, long firstDay, long endDay) {
    return handle
        .createQuery(
            """
            SELECT day, provider, model, requests, voided, estimated, charge, input_tokens,
              cached_tokens, output_tokens, cache_write_tokens, reasoning_tokens, millis
            FROM usage_sum
            WHERE bucket = :bucket AND wallet = :wallet AND day >= :first AND day < :end
            """)
        .bind("bucket", Buckets.of(wallet))
        .bind("wallet", wallet.value())
        .bind("first", firstDay)
        .bind("end", endDay)
        .map(TO_LINE)
        .list();
  }

  /// The same of a part of a day, from the calls themselves.
  static List<Line> moments(Handle handle, WalletId wallet, long fromMicros, long toMicros) {
    return handle
        .createQuery(
            """
            SELECT :day AS day, provider, model,
              CAST(SUM(posted) AS BIGINT) AS requests,
              CAST(SUM(1 - posted) AS BIGINT) AS voided,
              CAST(SUM(posted * estimated) AS BIGINT) AS estimated,
              CAST(SUM(charge) AS BIGINT) AS charge,
              CAST(SUM(input_tokens) AS BIGINT) AS input_tokens,
              CAST(SUM(cached_tokens) AS BIGINT) AS cached_tokens,
              CAST(SUM(output_tokens) AS BIGINT) AS output_tokens,
              CAST(SUM(cache_write_tokens) AS BIGINT) AS cache_write_tokens,
              CAST(SUM(reasoning_tokens) AS BIGINT) AS reasoning_tokens,
              CAST(SUM(millis) AS BIGINT) AS millis
            FROM usage_call
            WHERE bucket = :bucket AND wallet = :wallet AND made_at >= :from AND made_at < :to
            GROUP BY provider, model
            """)
        .bind("day", Days.of(fromMicros))
        .bind("bucket", Buckets.of(wallet))
        .bind("wallet", wallet.value())
        .bind("from", fromMicros)
        .bind("to", toMicros)
        .map(TO_LINE)
        .list();
  }

  static Nanos chargedBefore(Handle handle, WalletId wallet, long day) {
    return Nanos.of(
        handle
            .createQuery(
                """
                SELECT CAST(COALESCE(SUM(charge), 0) AS BIGINT) FROM usage_sum
                WHERE bucket = :bucket AND wallet = :wallet AND day < :day
                """)
            .bind("bucket", Buckets.of(wallet))
            .bind("wallet", wallet.value())
            .bind("day", day)
            .mapTo(Long.class)
            .one());
  }
}
