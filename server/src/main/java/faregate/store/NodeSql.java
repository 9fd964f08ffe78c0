package faregate.store;

import org.jdbi.v3.core.Handle;

/// The row of this node: its number and the mark of its ids.
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
}
