package faregate.usage;

import faregate.id.WalletId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;

/// Takes ended calls into the tables, in the transaction that also moves the position. On plain
/// statements, for it may share a thread with the ledger. Sums are changed in the order of their
/// keys: of two processes that change the same ones, one waits and none is a victim.
final class FoldSql {
  private static final long FIRST = 0;
  private static final String SUM =
      """
      INSERT INTO usage_sum (bucket, wallet, day, provider, model, requests, voided, estimated, charge,
        input_tokens, cached_tokens, output_tokens, cache_write_tokens, reasoning_tokens, millis)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (bucket, wallet, day, provider, model) DO UPDATE SET
        requests = usage_sum.requests + excluded.requests,
        voided = usage_sum.voided + excluded.voided,
        estimated = usage_sum.estimated + excluded.estimated,
        charge = usage_sum.charge + excluded.charge,
        input_tokens = usage_sum.input_tokens + excluded.input_tokens,
        cached_tokens = usage_sum.cached_tokens + excluded.cached_tokens,
        output_tokens = usage_sum.output_tokens + excluded.output_tokens,
        cache_write_tokens = usage_sum.cache_write_tokens + excluded.cache_write_tokens,
        reasoning_tokens = usage_sum.reasoning_tokens + excluded.reasoning_tokens,
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

  private static final String SPENDER =
      """
      INSERT INTO usage_spender (bucket, wallet, day, account, resource_group, token, requests, charge)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (bucket, wallet, day, account, resource_group, token) DO UPDATE SET
        requests = usage_spender.requests + excluded.requests,
        charge = usage_spender.charge + excluded.charge
      """;

  private record SumKey(WalletId wallet, long day, String provider, String model) {
    static final Comparator<SumKey> ORDER =
        Comparator.comparingLong((SumKey key) -> key.wallet().value())
            .thenComparingLong(SumKey::day)
            .thenComparing(SumKey::provider)
            .thenComparing(SumKey::model);
  }

  private record SessionKey(WalletId wallet, long day, String session) {
    static final Comparator<SessionKey> ORDER =
        Comparator.comparingLong((SessionKey key) -> key.wallet().value())
            .thenComparingLong(SessionKey::day)
            .thenComparing(SessionKey::session);
  }

  private record SpenderKey(WalletId wallet, long day, Spender spender) {
    static final Comparator<SpenderKey> ORDER =
        Comparator.comparingLong((SpenderKey key) -> key.wallet().value())
            .thenComparingLong(SpenderKey::day)
            .thenComparing(SpenderKey::spender, Spender.ORDER);
  }

  private final Map<SumKey, Totals> sums = new TreeMap<>(SumKey.ORDER);
  private final Map<SessionKey, Totals> sessions = new TreeMap<>(SessionKey.ORDER);
  private final Map<SpenderKey, Totals> spenders = new TreeMap<>(SpenderKey.ORDER);

  private FoldSql() {}

  /// The last batch that was taken in.
  static long position(Handle handle, long fence) {
    return handle
        .createQuery("SELECT seq FROM usage_position WHERE fence = :fence")
        .bind("fence", fence)
        .mapTo(Long.class)
        .findOne()
        .orElse(FIRST);
  }

  static Map<Long, Long> positions(Handle handle) {
    return handle
        .createQuery("SELECT fence, seq FROM usage_position")
        .reduceRows(
            new TreeMap<>(),
            (positions, row) -> {
              positions.put(row.getColumn("fence", Long.class), row.getColumn("seq", Long.class));
              return positions;
            });
  }

  /// @return false, and nothing was done, when somebody else has moved the position meanwhile
  static boolean fold(Handle handle, long fence, long from, long to, List<CallLine> calls) {
    if (!advance(handle, fence, from, to)) {
      return false;
    }
    try {
      new FoldSql().fold(handle, calls);
    } catch (SQLException e) {
      throw new IllegalStateException("usage could not take in " + calls.size() + " calls", e);
    }
    return true;
  }

  private static boolean advance(Handle handle, long fence, long from, long to) {
    handle.execute(
        "INSERT INTO usage_position (fence, seq) VALUES (?, ?) ON CONFLICT DO NOTHING",
        fence,
        FIRST);
    return handle.execute(
            "UPDATE usage_position SET seq = ? WHERE fence = ? AND seq = ?", to, fence, from)
        == 1;
  }

  private void fold(Handle handle, List<CallLine> calls) throws SQLException {
    for (CallLine before : CallSql.put(handle, calls)) {
      count(before, Totals.NONE.minus(before.totals()));
    }
    for (CallLine call : calls) {
      count(call, call.totals());
    }
    Connection connection = handle.getConnection();
    addSums(connection);
    addSessions(connection);
    addSpenders(connection);
  }

  private void count(CallLine call, Totals totals) {
    if (!call.spender().equals(Spender.UNKNOWN)) {
      spenders.merge(
          new SpenderKey(call.wallet(), call.day(), call.spender()), totals, Totals::plus);
    }
    sums.merge(
        new SumKey(call.wallet(), call.day(), call.provider(), call.model()), totals, Totals::plus);
    // A void costs nothing, so nothing would bound the rows of those who make up a name for each.
    if (!call.session().isEmpty() && call.isPosted()) {
      sessions.merge(
          new SessionKey(call.wallet(), call.day(), call.session()), totals, Totals::plus);
    }
  }

  private void addSums(Connection connection) throws SQLException {
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
        add.setLong(13, totals.cacheWriteTokens());
        add.setLong(14, totals.reasoningTokens());
        add.setLong(15, totals.millis());
        add.addBatch();
      }
      add.executeBatch();
    }
  }

  private void addSessions(Connection connection) throws SQLException {
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

  private void addSpenders(Connection connection) throws SQLException {
    try (PreparedStatement add = connection.prepareStatement(SPENDER)) {
      for (Map.Entry<SpenderKey, Totals> each : spenders.entrySet()) {
        SpenderKey key = each.getKey();
        add.setInt(1, Buckets.of(key.wallet()));
        add.setLong(2, key.wallet().value());
        add.setLong(3, key.day());
        add.setLong(4, key.spender().account());
        add.setLong(5, key.spender().group());
        add.setLong(6, key.spender().token());
        add.setLong(7, each.getValue().requests());
        add.setLong(8, each.getValue().charge().value());
        add.addBatch();
      }
      add.executeBatch();
    }
  }
}
