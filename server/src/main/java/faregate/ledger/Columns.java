package faregate.ledger;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/// Binds a statement's parameters one after the other; rows go as one array for each column.
final class Columns {
  private final Connection connection;
  private final PreparedStatement statement;
  private int at;

  Columns(Connection connection, PreparedStatement statement) {
    this.connection = connection;
    this.statement = statement;
  }

  Columns number(long value) throws SQLException {
    statement.setLong(++at, value);
    return this;
  }

  <T> Columns numbers(List<T> rows, ToLongFunction<T> column) throws SQLException {
    long[] values = new long[rows.size()];
    for (int row = 0; row < values.length; row++) {
      values[row] = column.applyAsLong(rows.get(row));
    }
    return array("int8", values);
  }

  <T> Columns texts(List<T> rows, Function<T, String> column) throws SQLException {
    return array("text", rows.stream().map(column).toArray(String[]::new));
  }

  <T> Columns bytes(List<T> rows, Function<T, byte[]> column) throws SQLException {
    return array("bytea", rows.stream().map(column).toArray(byte[][]::new));
  }

  /// The driver makes arrays of primitives as well, in binary form.
  private Columns array(String type, Object values) throws SQLException {
    Array array = connection.unwrap(org.postgresql.PGConnection.class).createArrayOf(type, values);
    statement.setArray(++at, array);
    return this;
  }
}
