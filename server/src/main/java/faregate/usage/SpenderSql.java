package faregate.usage;

import faregate.id.WalletId;
import faregate.money.Nanos;
import java.time.LocalDate;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.mapper.RowMapper;

/// Reads in whose name a wallet's credit was spent. Sums are cast, for a database may widen them.
final class SpenderSql {
  private static final RowMapper<SpenderUse> TO_USE =
      (row, _) ->
          new SpenderUse(
              LocalDate.ofEpochDay(row.getLong("day")),
              new Spender(
                  row.getLong("account"), row.getLong("resource_group"), row.getLong("token")),
              row.getLong("requests"),
              Nanos.of(row.getLong("charge")));

  private SpenderSql() {}

  /// Sums of whole days, the last one not among them.
  static List<SpenderUse> days(Handle handle, WalletId wallet, long firstDay, long endDay) {
    return handle
        .createQuery(
            """
            SELECT day, account, resource_group, token, requests, charge FROM usage_spender
            WHERE bucket = :bucket AND wallet = :wallet AND day >= :first AND day < :end
            """)
        .bind("bucket", Buckets.of(wallet))
        .bind("wallet", wallet.value())
        .bind("first", firstDay)
        .bind("end", endDay)
        .map(TO_USE)
        .list();
  }

  /// The same of a part of a day, from the calls themselves.
  static List<SpenderUse> moments(Handle handle, WalletId wallet, long fromMicros, long toMicros) {
    return handle
        .createQuery(
            """
            SELECT :day AS day, account, resource_group, token,
              CAST(SUM(posted) AS BIGINT) AS requests, CAST(SUM(charge) AS BIGINT) AS charge
            FROM usage_call
            WHERE bucket = :bucket AND wallet = :wallet AND made_at >= :from AND made_at < :to
              AND token <> 0
            GROUP BY account, resource_group, token
            """)
        .bind("day", Days.of(fromMicros))
        .bind("bucket", Buckets.of(wallet))
        .bind("wallet", wallet.value())
        .bind("from", fromMicros)
        .bind("to", toMicros)
        .map(TO_USE)
        .list();
  }
}
