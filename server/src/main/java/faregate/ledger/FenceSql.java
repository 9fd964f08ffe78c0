package faregate.ledger;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/// The fence rows.
final class FenceSql {
  private FenceSql() {}

  /// Takes a fence over, so that whoever had it can write nothing any more.
  ///
  /// @param epoch fresh and random
  static Fence take(Connection connection, int bucket, int node, long epoch) throws SQLException {
    String sql =
        """
        INSERT INTO fence (bucket, node, epoch, seq, stored_at) VALUES (?, ?, ?, 0, 0)
        ON CONFLICT (bucket, node) DO UPDATE SET epoch = excluded.epoch
        RETURNING epoch, seq, stored_at
        """;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setInt(1, bucket);
      statement.setInt(2, node);
      statement.setLong(3, epoch);
      return one(statement, bucket, node);
    }
  }

  /// How the row stands now.
  static Fence read(Connection connection, Fence fence) throws SQLException {
    String sql = "SELECT epoch, seq, stored_at FROM fence WHERE bucket = ? AND node = ?";
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setInt(1, fence.bucket());
      statement.setInt(2, fence.node());
      return one(statement, fence.bucket(), fence.node());
    }
  }

  private static Fence one(PreparedStatement statement, int bucket, int node) throws SQLException {
    try (ResultSet row = statement.executeQuery()) {
      if (!row.next()) {
        throw new SQLException("there is no fence row of bucket " + bucket + ", node " + node);
      }
      return new Fence(
          Fence.id(bucket, node), bucket, node, row.getLong(1), row.getLong(2), row.getLong(3));
    }
  }
}
