package faregate.usage;

import faregate.id.WalletId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;

/// Takes a batch of ended calls into the tables, in the transaction that also moves the position.
/// On plain statements, for it shares a thread with the ledger.
final class FoldSql {
  private static final String CALL =
      """
      INSERT INTO usage_call (bucket, wallet, held_at, call, provider, model, session, reason, posted,
        estimated, charge, input_tokens, cached_tokens, output_tokens, millis)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """;
  private static final String SUM =
      """
      INSERT INTO usage_sum (bucket, wallet, day, provider, model, requests, voided, estimated, charge,
        input_tokens, cached_tokens, output_tokens, millis)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (bucket, wallet, day, provider, model) DO UPDATE SET
        requests = usage_sum.requests + excluded.requests,
        voided = usage_sum.voided + excluded.voided,
        estimated = usage_sum.estimated + excluded.estimated,
        charge = usage_sum.charge + excluded.charge,
        input_tokens = usage_sum.input_tokens + excluded.input_tokens,
        cached_tokens = usage_sum.cached_tokens + excluded.cached_tokens,
        output_tokens = usage_sum.output_tokens + excluded.output_tokens,
        millis = usage_sum.millis + excluded.millis
      """;
  private static final String SESSION =
      """
      INSERT INTO usage_session (bucket, wallet, day, session, requests, charge)
      VALUES (?, ?, ?, ?, ?, ?)
      ON CONFLICT (bucket, wallet, day, session) DO UPDATE SET
        requests = usage_session.requests + excluded.requests,
        charge = usage_session.charge + excluded.charge
      """;

  private record SumKey(WalletId wallet, long day, String provider, String model) {}

  private record SessionKey(WalletId wallet, long day, String session) {}

  private FoldSql() {}

  static Feed.Position position(Handle handle, String fence) {
    return handle
        .createQuery("SELECT seq, call FROM usage_position WHERE fence = :fence")
        .bind("fence", fence)
        .map((row, _) -> new Feed.Position(row.getLong(1), row.getLong(2)))
        .findOne()
        .orElse(Feed.Position.START);
  }

  /// @return false, and nothing was done, when somebody else has moved the position meanwhile
  static boolean fold(
      Handle handle, String fence, Feed.Position from, Feed.Position to, List<CallLine> calls) {
    if (!advance(handle, fence, from, to)) {
      return false;
    }
    Map<SumKey, Totals> sums = new HashMap<>();
    Map<SessionKey, Totals> sessions = new HashMap<>();
    for (CallLine call : calls) {
      Totals totals = call.totals();
      sums.merge(
          new SumKey(call.wallet(), call.day(), call.provider(), call.model()),
          totals,
          Totals::plus);
      sessions.merge(
          new SessionKey(call.wallet(), call.day(), call.session()), totals, Totals::plus);
    }
    try {
      Connection connection = handle.getConnection();
      insertCalls(connection, calls);
      addSums(connection, sums);
      addSessions(connection, sessions);
    } catch (SQLException e) {
      throw new IllegalStateException("usage could not take in " + calls.size() + " calls", e);
    }
    return true;
  }

  private static boolean advance(
      Handle handle, String fence, Feed.Position from, Feed.Position to) {
    handle.execute(
        "INSERT INTO usage_position (fence, seq, call) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        fence,
        Feed.Position.START.seq(),
        Feed.Position.START.call());
    return handle.execute(
            "UPDATE usage_position SET seq = ?, call = ? WHERE fence = ? AND seq = ? AND call = ?",
            to.seq(),
            to.call(),
            fence,
            from.seq(),
            from.call())
        == 1;
  }

  private static void insertCalls(Connection connection, List<CallLine> calls) throws SQLException {
    try (PreparedStatement insert = connection.prepareStatement(CALL)) {
      for (CallLine call : calls) {
        insert.setInt(1, Buckets.of(call.wallet()));
        insert.setLong(2, call.wallet().value());
        insert.setLong(3, call.heldMicros());
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
        insert.setLong(15, call.millis());
        insert.addBatch();
      }
      insert.executeBatch();
    }
  }

  private static void addSums(Connection connection, Map<SumKey, Totals> sums) throws SQLException {
    try (PreparedStatement add = connection.prepareStatement(SUM)) {
      for (Map.Entry<SumKey, Totals> each : sums.entrySet()) {
        SumKey key = each.getKey();
        Totals totals = each.getValue();
        add.setInt(1, Buckets.of(key.wallet()));
        add.setLong(2, key.wallet().value());
        add.setLong(3, key.day());
        add.setString(4, key.provider());
        add.setString(5, key.model());
        add.setLong(6, totals.requests());
        add.setLong(7, totals.voided());
        add.setLong(8, totals.estimated());
        add.setLong(9, totals.charge().value());
        add.setLong(10, totals.inputTokens());
        add.setLong(11, totals.cachedInputTokens());
        add.setLong(12, totals.outputTokens());
        add.setLong(13, totals.millis());
        add.addBatch();
      }
      add.executeBatch();
    }
  }

  private static void addSessions(Connection connection, Map<SessionKey, Totals> sessions)
      throws SQLException {
    try (PreparedStatement add = connection.prepareStatement(SESSION)) {
      for (Map.Entry<SessionKey, Totals> each : sessions.entrySet()) {
        SessionKey key = each.getKey();
        add.setInt(1, Buckets.of(key.wallet()));
        add.setLong(2, key.wallet().value());
        add.setLong(3, key.day());
        add.setString(4, key.session());
        add.setLong(5, each.getValue().requests());
        add.setLong(6, each.getValue().charge().value());
        add.addBatch();
      }
      add.executeBatch();
    }
  }
}
