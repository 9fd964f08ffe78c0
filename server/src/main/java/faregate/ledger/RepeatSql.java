package faregate.ledger;

import faregate.ledger.Repeats.Named;
import faregate.ledger.Repeats.Place;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The rows of clients' keys, on the writer's connection, with kept statements.
///
/// Another node may have added a key since this one looked. Its row then stands in the way: the
/// batch is taken back and decided again, and sees it.
final class RepeatSql {
  /// Takes bucket, wallet, token, key and the time.
  static final String FIND =
      """
      SELECT r.call, r.print, coalesce(f.adjusted, f.charge), f.estimated, f.reason
      FROM repeat r LEFT JOIN finished f ON f.bucket = r.bucket AND f.id = r.call
      WHERE r.bucket = ? AND r.wallet = ? AND r.token = ? AND r.client_key = ? AND r.until > ?
      """;

  /// A row whose time is over gives way.
  private static final String ADD =
      """
      INSERT INTO repeat (bucket, wallet, token, client_key, call, print, until)
      VALUES (?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (bucket, wallet, token, client_key) DO UPDATE SET
        call = excluded.call, print = excluded.print, until = excluded.until
      WHERE repeat.until <= ?
      """;

  private static final String REMOVE = "DELETE FROM repeat WHERE bucket = ? AND call = ?";

  private final Connection connection;
  private @Nullable PreparedStatement find;
  private @Nullable PreparedStatement add;
  private @Nullable PreparedStatement remove;

  RepeatSql(Connection connection) {
    this.connection = connection;
  }

  /// @return the call that has a key, null where none has it now
  @Nullable Named find(Place place, long nowMicros) {
    try {
      if (find == null) {
        find = connection.prepareStatement(FIND);
      }
      find.setLong(1, Bucket.of(place.wallet()));
      find.setLong(2, place.wallet().value());
      find.setLong(3, place.token());
      find.setString(4, place.key());
      find.setLong(5, nowMicros);
      try (ResultSet row = find.executeQuery()) {
        return row.next() ? named(row) : null;
      }
    } catch (SQLException e) {
      throw new LedgerUnreadableException(e);
    }
  }

  static Named named(ResultSet row) throws SQLException {
    long charge = row.getLong(3);
    boolean open = row.wasNull();
    return Repeats.named(
        row.getLong(1),
        row.getString(2),
        open ? null : charge,
        row.getInt(4) != 0,
        open ? "" : row.getString(5));
  }

  /// Writes what a batch did to keys. A call that was held and voided in it leaves none.
  ///
  /// @throws SQLException when another call has a key meanwhile
  void write(Changes changes, long nowMicros) throws SQLException {
    remove(changes);
    for (Map.Entry<Place, Changes.Repeat> added : changes.repeats.entrySet()) {
      Changes.Finished ended = changes.finished(added.getValue().call());
      if (ended == null || ended.ending().reason().equals(Ending.POSTED)) {
        add(added.getKey(), added.getValue(), nowMicros);
      }
    }
  }

  private void remove(Changes changes) throws SQLException {
    if (remove == null) {
      remove = connection.prepareStatement(REMOVE);
    }
    remove.clearBatch();
    boolean any = false;
    for (Changes.Finished row : changes.finished) {
      if (!row.ending().reason().equals(Ending.POSTED)) {
        remove.setLong(1, Bucket.of(row.hold().wallet()));
        remove.setLong(2, row.hold().id().value());
        remove.addBatch();
        any = true;
      }
    }
    if (any) {
      remove.executeBatch();
    }
  }

  private void add(Place place, Changes.Repeat repeat, long nowMicros) throws SQLException {
    if (add == null) {
      add = connection.prepareStatement(ADD);
    }
    add.setLong(1, Bucket.of(place.wallet()));
    add.setLong(2, place.wallet().value());
    add.setLong(3, place.token());
    add.setString(4, place.key());
    add.setLong(5, repeat.call().value());
    add.setString(6, repeat.print());
    add.setLong(7, repeat.untilMicros());
    add.setLong(8, nowMicros);
    if (add.executeUpdate() != 1) {
      throw new SQLException("a key of wallet " + place.wallet() + " was used elsewhere meanwhile");
    }
  }
}
