package faregate.usage;

import faregate.id.CallId;
import faregate.id.WalletId;
import faregate.kit.ReservedIds;
import faregate.money.Nanos;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jdbi.v3.core.statement.PreparedBatch;

/// The rows of single calls.
final class CallSql {
  private static final String INSERT =
      """
      INSERT INTO usage_call (bucket, wallet, made_at, call, provider, model, session, reason, posted,
        estimated, charge, input_tokens, cached_tokens, output_tokens,
        cache_write_tokens, reasoning_tokens, millis, account, resource_group, token)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (bucket, wallet, made_at, call) DO NOTHING
      """;
  private static final RowMapper<CallLine> TO_CALL =
      (row, _) ->
          new CallLine(
              new CallId(row.getLong("call")),
              new WalletId(row.getLong("wallet")),
              row.getLong("made_at"),
              row.getString("provider"),
              row.getString("model"),
              row.getString("session"),
              row.getString("reason"),
              row.getInt("estimated") == 1,
              Nanos.of(row.getLong("charge")),
              row.getLong("input_tokens"),
              row.getLong("cached_tokens"),
              row.getLong("output_tokens"),
              row.getLong("cache_write_tokens"),
              row.getLong("reasoning_tokens"),
              row.getLong("millis"),
              new Spender(
                  row.getLong("account"), row.getLong("resource_group"), row.getLong("token")));

  private CallSql() {}

  /// Writes the calls, each as it is now, whether it was there before or not.
  ///
  /// @return those that were there, as they were
  static List<CallLine> put(Handle handle, List<CallLine> calls) throws SQLException {
    List<CallLine> before = new ArrayList<>();
    try (PreparedStatement insert = handle.getConnection().prepareStatement(INSERT)) {
      int[] counts = insert(insert, calls);
      for (int at = 0; at < counts.length; at++) {
        if (counts[at] == 0) {
          before.add(take(handle, calls.get(at)));
          insert(insert, calls.subList(at, at + 1));
        }
      }
    }
    return before;
  }

  private static int[] insert(PreparedStatement insert, List<CallLine> calls) throws SQLException {
    for (CallLine call : calls) {
      insert.setInt(1, Buckets.of(call.wallet()));
      insert.setLong(2, call.wallet().value());
      insert.setLong(3, call.madeMicros());
      insert.setLong(4, call.id().value());
      insert.setString(5, call.provider());
      insert.setString(6, call.model());
      insert.setString(7, call.session());
      insert.setString(8, call.reason());
      insert.setInt(9, call.isPosted() ? 1 : 0);
      insert.setInt(10, call.estimated() ? 1 : 0);
      insert.setLong(11, call.charge().value());
      insert.setLong(12, call.inputTokens());
      insert.setLong(13, call.cachedInputTokens());
      insert.setLong(14, call.outputTokens());
      insert.setLong(15, call.cacheWriteTokens());
      insert.setLong(16, call.reasoningTokens());
      insert.setLong(17, call.millis());
      insert.setLong(18, call.spender().account());
      insert.setLong(19, call.spender().group());
      insert.setLong(20, call.spender().token());
      insert.addBatch();
    }
    return insert.executeBatch();
  }

  private static CallLine take(Handle handle, CallLine call) {
    return handle
        .createQuery(
            """
            DELETE FROM usage_call
            WHERE bucket = :bucket AND wallet = :wallet AND made_at = :made AND call = :call
            RETURNING *
            """)
        .bind("bucket", Buckets.of(call.wallet()))
        .bind("wallet", call.wallet().value())
        .bind("made", call.madeMicros())
        .bind("call", call.id().value())
        .map(TO_CALL)
        .one();
  }

  static void remove(Handle handle, Map<CallId, WalletId> calls) {
    try (PreparedBatch rows =
        handle.prepareBatch(
            """
            DELETE FROM usage_call
            WHERE bucket = :bucket AND wallet = :wallet AND made_at = :made AND call = :call
            """)) {
      calls.forEach(
          (call, wallet) ->
              rows.bind("bucket", Buckets.of(wallet))
                  .bind("wallet", wallet.value())
                  .bind("made", ReservedIds.madeMicros(call.value()))
                  .bind("call", call.value())
                  .add());
      if (rows.size() > 0) {
        rows.execute();
      }
    }
  }

  /// The newest calls that were made before a moment.
  static List<CallLine> newest(Handle handle, WalletId wallet, long beforeMicros, int limit) {
    return handle
        .createQuery(
            """
            SELECT * FROM usage_call
            WHERE bucket = :bucket AND wallet = :wallet AND made_at < :before
            ORDER BY made_at DESC, call DESC LIMIT :limit
            """)
        .bind("bucket", Buckets.of(wallet))
        .bind("wallet", wallet.value())
        .bind("before", beforeMicros)
        .bind("limit", limit)
        .map(TO_CALL)
        .list();
  }

  /// The same of what one member of an organization spent of its wallet.
  static List<CallLine> newest(
      Handle handle, WalletId wallet, long account, long beforeMicros, int limit) {
    return handle
        .createQuery(
            """
            SELECT * FROM usage_call
            WHERE bucket = :bucket AND wallet = :wallet AND account = :account AND account <> 0
              AND made_at < :before
            ORDER BY made_at DESC, call DESC LIMIT :limit
            """)
        .bind("bucket", Buckets.of(wallet))
        .bind("wallet", wallet.value())
        .bind("account", account)
        .bind("before", beforeMicros)
        .bind("limit", limit)
        .map(TO_CALL)
        .list();
  }
}
