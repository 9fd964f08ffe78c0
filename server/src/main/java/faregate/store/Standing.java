package faregate.store;

import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/// How this process stands with its database and with the other nodes on it, as of now.
///
/// @param node the number that it writes under
/// @param beatMillis how long ago the last acknowledged beat was sent; 0 where nobody has to hear
///   it
/// @param nodes the numbers of the nodes that live, this one among them
/// @param recoveries how many dead nodes this one has recovered since it started
/// @param replication what the database says of its replicas: `none`, `async`, `sync`, or that it
///   cannot tell; with `async` a promotion may lose acknowledged commits
/// @param trouble empty while this node may be sent calls; else why not
public record Standing(
    int node,
    long beatMillis,
    SortedSet<Integer> nodes,
    long recoveries,
    String replication,
    String trouble) {

  /// Of a database that only this process has.
  static Standing alone(int node) {
    return new Standing(node, 0, new TreeSet<>(Set.of(node)), 0, "none", "");
  }
}
