package faregate.store;

import java.util.List;
import java.util.OptionalLong;
import org.jdbi.v3.core.Handle;

/// The rows of nodes: a number, who holds it, how often it has beaten, and the mark of its ids.
final class NodeSql {
  private NodeSql() {}

  /// @return the mark stored last, 0 when the node is new
  static long mark(Handle handle, int node) {
    return handle
        .createQuery("SELECT ids FROM node WHERE number = ?")
        .bind(0, node)
        .mapTo(Long.class)
        .findOne()
        .orElse(0L);
  }

  /// @param mark never falls
  static void reserve(Handle handle, int node, long mark) {
    handle.execute(
        """
        INSERT INTO node (number, beat, ids) VALUES (?, 0, ?)
        ON CONFLICT (number) DO UPDATE SET ids = excluded.ids, beat = node.beat + 1
        """,
        node,
        mark);
  }

  /// Numbers that somebody holds, in order.
  static List<Integer> held(Handle handle) {
    return handle
        .createQuery("SELECT number FROM node WHERE holder <> 0 ORDER BY number")
        .mapTo(Integer.class)
        .list();
  }

  /// Takes a number if nobody holds it.
  static boolean take(Handle handle, int node, long holder) {
    return handle.execute(
            """
            INSERT INTO node (number, beat, ids, holder) VALUES (?, 1, 0, ?)
            ON CONFLICT (number) DO UPDATE SET holder = excluded.holder, beat = node.beat + 1
            WHERE node.holder = 0
            """,
            node,
            holder)
        == 1;
  }

  /// Says that a node lives, and reserves its ids up to a mark.
  ///
  /// @return false when the number is no longer its own
  static boolean beat(Handle handle, int node, long holder, long mark) {
    return handle.execute(
            """
            UPDATE node SET beat = beat + 1, ids = CASE WHEN ids < ? THEN ? ELSE ids END
            WHERE number = ? AND holder = ?
            """,
            mark,
            mark,
            node,
            holder)
        == 1;
  }

  /// All numbers that somebody else holds.
  static List<Watch.Row> others(Handle handle, int node) {
    return handle
        .createQuery("SELECT number, holder, beat FROM node WHERE holder <> 0 AND number <> ?")
        .bind(0, node)
        .map((row, _) -> new Watch.Row(row.getInt(1), row.getLong(2), row.getLong(3)))
        .list();
  }

  /// Takes a number from a holder whose beat has not moved.
  ///
  /// @return the beat after that; empty when it has moved, or somebody else was first
  static OptionalLong claim(Handle handle, Watch.Row dead, long claim) {
    return handle
        .createQuery(
            """
            UPDATE node SET holder = ?, beat = beat + 1
            WHERE number = ? AND holder = ? AND beat = ? RETURNING beat
            """)
        .bind(0, claim)
        .bind(1, dead.number())
        .bind(2, dead.holder())
        .bind(3, dead.beat())
        .mapTo(Long.class)
        .findOne()
        .map(OptionalLong::of)
        .orElse(OptionalLong.empty());
  }

  /// Gives a number back, if it is still held so.
  static void free(Handle handle, int node, long holder, long mark) {
    handle.execute(
        """
        UPDATE node SET holder = 0, beat = beat + 1, ids = CASE WHEN ids < ? THEN ? ELSE ids END
        WHERE number = ? AND holder = ?
        """,
        mark,
        mark,
        node,
        holder);
  }
}
