package faregate.prove;

import faregate.id.CallId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Reads the ledger's rows, with statements of its own.
final class BooksSql {
  private static final String ENDED =
      "SELECT id, wallet, held, coalesce(adjusted, charge), reason FROM finished";

  private static final String OWNED =
      "SELECT call, CAST(sum(amount) AS BIGINT) FROM incident GROUP BY call";

  private final Connection connection;

  BooksSql(Connection connection) {
    this.connection = connection;
  }

  List<Row> ended() throws SQLException {
    Map<Long, Long> owned = owned();
    List<Row> rows = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(ENDED);
        ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        rows.add(
            new Row(
                new CallId(row.getLong(1)).text(),
                row.getLong(2),
                row.getLong(3),
                row.getLong(4),
                row.getString(5),
                owned.getOrDefault(row.getLong(1), 0L)));
      }
    }
    return rows;
  }

  private Map<Long, Long> owned() throws SQLException {
    Map<Long, Long> owned = new HashMap<>();
    try (PreparedStatement statement = connection.prepareStatement(OWNED);
        ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        owned.put(row.getLong(1), row.getLong(2));
      }
    }
    return owned;
  }

  List<LotRow> lots() throws SQLException {
    String sql = "SELECT id, wallet, granted, pending, posted FROM lot";
    List<LotRow> rows = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(sql);
        ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        rows.add(
            new LotRow(
                row.getLong(1), row.getLong(2), row.getLong(3), row.getLong(4), row.getLong(5)));
      }
    }
    return rows;
  }

  long openHolds() throws SQLException {
    return one("SELECT count(*) FROM hold", 0);
  }

  /// What a wallet has left on lots that are in force and that nothing is held of.
  long available(long wallet, long nowMicros) throws SQLException {
    String sql =
        """
        SELECT CAST(coalesce(sum(granted - pending - posted), 0) AS BIGINT) FROM lot
        WHERE wallet = ? AND starts <= %d AND expires > %d AND kind <> 'LIMIT'
        """
            .formatted(nowMicros, nowMicros);
    return one(sql, wallet);
  }

  private long one(String sql, long wallet) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      if (sql.contains("?")) {
        statement.setLong(1, wallet);
      }
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return row.getLong(1);
      }
    }
  }
}
