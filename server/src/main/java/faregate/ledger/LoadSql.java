package faregate.ledger;

import faregate.id.CallId;
import faregate.id.LotId;
import faregate.id.WalletId;
import faregate.money.Nanos;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the writer reads, on its own connection, with kept statements. Sees its own batch only
/// after the commit.
final class LoadSql {
  private final Kept kept;

  LoadSql(Connection connection) {
    kept = new Kept(connection);
  }

  /// What a query makes of its current row.
  private interface RowReader<T> {
    T read(ResultSet row) throws SQLException;
  }

  List<LotState> lots(WalletId wallet) {
    return list(
        """
        SELECT id, kind, total, granted, coalesce(target, -1), pending, posted, starts, expires, ref
        FROM lot WHERE bucket = ? AND wallet = ?
        """,
        LoadSql::lot,
        Bucket.of(wallet),
        wallet.value());
  }

  static LotState lot(ResultSet row) throws SQLException {
    return new LotState(
        new LotId(row.getLong(1)),
        LotKind.valueOf(row.getString(2)),
        row.getLong(3),
        row.getLong(4),
        row.getLong(5),
        row.getLong(6),
        row.getLong(7),
        row.getLong(8),
        row.getLong(9),
        row.getString(10));
  }

  /// What is open under a node's number.
  List<OpenHold> openHolds(int node) {
    return list(
        """
        SELECT id, wallet, held, legs, deadline, print, ref, mark_charge, mark_facts
        FROM hold WHERE node = ?
        """,
        LoadSql::hold,
        node);
  }

  /// One hold, whoever opened it.
  @Nullable OpenHold openHold(WalletId wallet, CallId call) {
    return first(
        """
        SELECT id, wallet, held, legs, deadline, print, ref, mark_charge, mark_facts
        FROM hold WHERE bucket = ? AND id = ?
        """,
        LoadSql::hold,
        Bucket.of(wallet),
        call.value());
  }

  private static OpenHold hold(ResultSet row) throws SQLException {
    byte[] facts = row.getBytes(9);
    return new OpenHold(
        new CallId(row.getLong(1)),
        new WalletId(row.getLong(2)),
        row.getLong(3),
        Legs.decode(row.getBytes(4)),
        row.getLong(5),
        row.getLong(6),
        row.getString(7),
        facts == null ? null : new OpenHold.Mark(row.getLong(8), facts));
  }

  /// @return the highest id of any call that ended, 0 when there is none
  long highestEnded() {
    return list("SELECT coalesce(max(id), 0) FROM finished", row -> row.getLong(1)).getFirst();
  }

  @Nullable Ended ended(WalletId wallet, CallId call) {
    return first(
        """
        SELECT wallet, held, print, ref, charge, estimated, reason
        FROM finished WHERE bucket = ? AND id = ?
        """,
        row ->
            new Ended(
                new WalletId(row.getLong(1)),
                row.getLong(2),
                row.getLong(3),
                row.getString(4),
                new Ending(Nanos.of(row.getLong(5)), row.getInt(6) != 0, row.getString(7))),
        Bucket.of(wallet),
        call.value());
  }

  /// The call as late bills have left it; without the differences of legs, see [#adjustments]. Read
  /// before those: so what is decided on both cannot be written where a bill came between.
  Changes.@Nullable Adjusted adjusted(WalletId wallet, CallId call) {
    return first(
        """
        SELECT wallet, CASE WHEN reason = 'posted' THEN held ELSE 0 END,
          coalesce(adjusted, charge), loss, coalesce(revision, ?), legs
        FROM finished WHERE bucket = ? AND id = ?
        """,
        row ->
            new Changes.Adjusted(
                new WalletId(row.getLong(1)),
                call,
                row.getLong(2),
                row.getLong(3),
                row.getLong(4),
                row.getLong(5),
                row.getLong(5),
                Legs.decode(row.getBytes(6)),
                new byte[0]),
        Changes.Adjusted.NO_REVISION,
        Bucket.of(wallet),
        call.value());
  }

  /// The legs of all adjustments of one call.
  List<List<Leg>> adjustments(WalletId wallet, CallId call) {
    return list(
        "SELECT legs FROM transfer WHERE bucket = ? AND call = ?",
        row -> Legs.decode(row.getBytes(1)),
        Bucket.of(wallet),
        call.value());
  }

  Changes.@Nullable Transfer transfer(WalletId wallet, String ref) {
    return first(
        """
        SELECT kind, amount, lot, reason FROM transfer WHERE bucket = ? AND wallet = ? AND ref = ?
        """,
        row ->
            new Changes.Transfer(
                wallet,
                ref,
                row.getString(1),
                row.getLong(2),
                row.getLong(3) == 0 ? null : new LotId(row.getLong(3)),
                null,
                List.of(),
                row.getString(4)),
        Bucket.of(wallet),
        wallet.value(),
        ref);
  }

  /// References of a wallet's transfers that begin so. What comes first is for the caller to tell:
  /// databases differ in how they order text.
  List<String> refs(WalletId wallet, String beginning) {
    return list(
        "SELECT ref FROM transfer WHERE bucket = ? AND wallet = ? AND ref LIKE ?",
        row -> row.getString(1),
        Bucket.of(wallet),
        wallet.value(),
        beginning + '%');
  }

  private <T> @Nullable T first(String sql, RowReader<T> reader, Object... binds) {
    List<T> rows = list(sql, reader, binds);
    return rows.isEmpty() ? null : rows.getFirst();
  }

  private <T> List<T> list(String sql, RowReader<T> reader, Object... binds) {
    try {
      PreparedStatement statement = kept.get(sql);
      for (int at = 0; at < binds.length; at++) {
        statement.setObject(at + 1, binds[at]);
      }
      try (ResultSet row = statement.executeQuery()) {
        List<T> rows = new ArrayList<>();
        while (row.next()) {
          rows.add(reader.read(row));
        }
        return rows;
      }
    } catch (SQLException e) {
      throw new LedgerUnreadableException(e);
    }
  }
}
