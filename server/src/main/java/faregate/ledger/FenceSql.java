package faregate.ledger;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

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
      Fence taken = one(statement, bucket, node);
      if (taken == null) {
        throw new SQLException("the fence of bucket " + bucket + ", node " + node + " is not kept");
      }
      return taken;
    }
  }

  /// Takes over the fences of a node that is dead, on condition that its beat stands still.
  ///
  /// @return those that it had, none when the beat has moved
  static List<Fence> takeDead(Connection connection, int node, long beat, long epoch)
      throws SQLException {
    String sql =
        """
        UPDATE fence SET epoch = ?
        WHERE node = ? AND EXISTS (SELECT 1 FROM node n WHERE n.number = ? AND n.beat = ?)
        RETURNING epoch, seq, stored_at, bucket
        """;
    List<Fence> taken = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setLong(1, epoch);
      statement.setInt(2, node);
      statement.setInt(3, node);
      statement.setLong(4, beat);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          taken.add(fence(row, row.getInt(4), node));
        }
      }
    }
    return taken;
  }

  /// Changes a fence's epoch from its own, which waits for any transaction that is still under way,
  /// and keeps whatever comes after it from being written.
  ///
  /// @return how the row stands now, whether or not that was done
  static Fence change(Connection connection, Fence own, long epoch) throws SQLException {
    String sql =
        """
        UPDATE fence SET epoch = ? WHERE bucket = ? AND node = ? AND epoch = ?
        RETURNING epoch, seq, stored_at
        """;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setLong(1, epoch);
      statement.setInt(2, own.bucket());
      statement.setInt(3, own.node());
      statement.setLong(4, own.epoch());
      Fence changed = one(statement, own.bucket(), own.node());
      return changed == null ? read(connection, own) : changed;
    }
  }

  /// How the row stands now.
  ///
  /// @throws LostCommitsException when there is none any more, though it was taken
  static Fence read(Connection connection, Fence fence) throws SQLException {
    String sql = "SELECT epoch, seq, stored_at FROM fence WHERE bucket = ? AND node = ?";
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setInt(1, fence.bucket());
      statement.setInt(2, fence.node());
      Fence stored = one(statement, fence.bucket(), fence.node());
      if (stored == null) {
        throw new LostCommitsException(fence.seq());
      }
      return stored;
    }
  }

  private static @Nullable Fence one(PreparedStatement statement, int bucket, int node)
      throws SQLException {
    try (ResultSet row = statement.executeQuery()) {
      return row.next() ? fence(row, bucket, node) : null;
    }
  }

  private static Fence fence(ResultSet row, int bucket, int node) throws SQLException {
    return new Fence(
        Fence.id(bucket, node), bucket, node, row.getLong(1), row.getLong(2), row.getLong(3));
  }
}
