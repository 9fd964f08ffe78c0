package faregate.usage;

import faregate.id.WalletId;
import faregate.money.Nanos;
import java.time.YearMonth;
import java.util.List;
import org.jdbi.v3.core.Handle;

/// Reads what sessions came to. Summed and cut by the database, for there may be one for each call.
final class SessionSql {
  private SessionSql() {}

  /// The dearest named sessions of a month, as far as it lies in a span, in no order.
  ///
  /// @param most how many at most
  static List<SessionUse> dearest(
      Handle handle, WalletId wallet, Span whole, YearMonth month, int most) {
    Span span = whole.within(month);
    return handle
        .createQuery(
            """
            SELECT session, CAST(SUM(requests) AS BIGINT) AS calls,
              CAST(SUM(charge) AS BIGINT) AS cost
            FROM (
              SELECT session, requests, charge FROM usage_session
              WHERE bucket = :bucket AND wallet = :wallet AND day >= :firstDay AND day < :endDay
              UNION ALL
              SELECT session, posted AS requests, charge FROM usage_call
              WHERE bucket = :bucket AND wallet = :wallet
                AND made_at >= :from AND made_at < :beforeEnd AND session <> ''
              UNION ALL
              SELECT session, posted AS requests, charge FROM usage_call
              WHERE bucket = :bucket AND wallet = :wallet
                AND made_at >= :behindStart AND made_at < :to AND session <> ''
            ) AS part
            GROUP BY session HAVING SUM(requests) > 0
            ORDER BY cost DESC, session LIMIT :most
            """)
        .bind("bucket", Buckets.of(wallet))
        .bind("wallet", wallet.value())
        .bind("firstDay", span.firstDay())
        .bind("endDay", span.endDay())
        .bind("from", span.from())
        .bind("beforeEnd", span.beforeEnd())
        .bind("behindStart", span.behindStart())
        .bind("to", span.to())
        .bind("most", most)
        .map(
            (row, _) ->
                new SessionUse(
                    month,
                    row.getString("session"),
                    row.getLong("calls"),
                    Nanos.of(row.getLong("cost"))))
        .list();
  }
}
