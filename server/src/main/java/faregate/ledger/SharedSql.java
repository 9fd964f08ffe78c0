package faregate.ledger;

import faregate.id.WalletId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What the writer asks of a PostgreSQL beside its batches. Wallets are read together: one by one,
/// each would cost a round trip.
final class SharedSql {
  private static final Logger LOG = LoggerFactory.getLogger(SharedSql.class);

  /// The time of the server. Unqualified, so that a proof can put another function in its way.
  static final String NOW = "CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)";

  private static final String LOTS =
      """
      SELECT l.id, l.kind, l.total, l.granted, coalesce(l.target, -1), l.pending, l.posted,
        l.starts, l.expires, l.ref, l.wallet
      FROM unnest(?::BIGINT[], ?::BIGINT[]) AS w (bucket, wallet)
      JOIN lot l ON %s l.bucket = w.bucket AND l.wallet = w.wallet
      """;

  private static final String LOCKED = LOTS + "ORDER BY l.bucket, l.id FOR UPDATE OF l SKIP LOCKED";

  /// What every session of a writer has. A stopped or hanging session must not hold up others.
  private static final List<String> BOUNDS =
      List.of(
          "SET lock_timeout = '100ms'",
          "SET statement_timeout = '5s'",
          "SET idle_in_transaction_session_timeout = '2s'",
          "SET synchronous_commit = on");

  /// Plans are made once and kept, and a plan that is made while a table is empty reads the whole
  /// table for ever unless that is forbidden. Hints: a database that does not know them is asked
  /// without.
  private static final List<String> HINTS =
      List.of(
          "SET plan_cache_mode = force_generic_plan",
          "SET enable_seqscan = off",
          "SET enable_hashjoin = off",
          "SET enable_mergejoin = off",
          "SET enable_bitmapscan = off",
          "SET jit = off");

  private final Connection connection;
  private final Kept kept;
  private final boolean distributed;

  SharedSql(Connection connection, boolean distributed) {
    this.connection = connection;
    this.kept = new Kept(connection);
    this.distributed = distributed;
  }

  /// Makes a new connection fit for the writer.
  static void prepare(Connection connection) throws SQLException {
    connection.unwrap(org.postgresql.PGConnection.class).setPrepareThreshold(1);
    try (Statement statement = connection.createStatement()) {
      for (String bound : BOUNDS) {
        statement.execute(bound);
      }
      for (String hint : HINTS) {
        hint(statement, hint);
      }
    }
  }

  private static void hint(Statement statement, String hint) {
    try {
      statement.execute(hint);
    } catch (SQLException e) {
      LOG.info("the database does without: {} ({})", hint, e.getMessage());
    }
  }

  long nowMicros() throws SQLException {
    try (ResultSet row = kept.get("SELECT " + NOW).executeQuery()) {
      row.next();
      return row.getLong(1);
    }
  }

  /// All lots of some wallets; a wallet without lots has an empty list.
  Map<WalletId, List<LotState>> lots(Collection<WalletId> wallets) throws SQLException {
    return read(LOTS, wallets);
  }

  /// Locks all lots of some wallets, within the transaction of the moment, and waits for nobody.
  ///
  /// @param missing takes the wallets of which somebody else has a lot locked
  Map<WalletId, List<LotState>> lock(Collection<WalletId> wallets, Set<WalletId> missing)
      throws SQLException {
    Map<WalletId, List<LotState>> all = read(LOTS, wallets);
    Map<WalletId, List<LotState>> locked = read(LOCKED, wallets);
    Map<WalletId, List<LotState>> whole = new HashMap<>();
    locked.forEach(
        (wallet, lots) -> {
          if (lots.size() >= all.getOrDefault(wallet, List.of()).size()) {
            whole.put(wallet, lots);
          } else {
            missing.add(wallet);
          }
        });
    return whole;
  }

  private Map<WalletId, List<LotState>> read(String sql, Collection<WalletId> wallets)
      throws SQLException {
    Map<WalletId, List<LotState>> read = new LinkedHashMap<>();
    List<WalletId> asked = new ArrayList<>(new HashSet<>(wallets));
    asked.forEach(wallet -> read.put(wallet, new ArrayList<>(2)));
    if (asked.isEmpty()) {
      return read;
    }
    PreparedStatement statement = kept.get(sql.formatted(distributed ? "l.bucket = ? AND" : ""));
    Columns columns = new Columns(connection, statement);
    columns.numbers(asked, Bucket::of).numbers(asked, WalletId::value);
    if (distributed) {
      columns.number(Bucket.of(asked.getFirst()));
    }
    try (ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        @Nullable List<LotState> lots = read.get(new WalletId(row.getLong(11)));
        if (lots != null) {
          lots.add(LoadSql.lot(row));
        }
      }
    }
    return read;
  }
}
