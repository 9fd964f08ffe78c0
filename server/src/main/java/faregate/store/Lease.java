package faregate.store;

import faregate.kit.Clock;
import faregate.kit.RandomSource;
import faregate.kit.ReservedIds;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/// A node's number for as long as this process has it, with the ids that go with it.
///
/// @param holder above 0, drawn anew for each lease, so that a number that was lost and given to
///   somebody else is not mistaken for one's own
record Lease(int node, long holder, ReservedIds ids) {
  private static final int FIRST = 1;

  /// As many as an id has room for.
  private static final int LAST = 1023;

  /// Takes the smallest number that nobody holds.
  ///
  /// @param wanted asked for more ids, on any thread
  /// @return null when somebody else was quicker: try again
  static @Nullable Lease take(Handle handle, Clock clock, RandomSource random, Runnable wanted) {
    int node = smallestFree(NodeSql.held(handle));
    long holder = token(random);
    return handle.inTransaction(
        within -> {
          if (!NodeSql.take(within, node, holder)) {
            return null;
          }
          ReservedIds ids =
              new ReservedIds(clock, node, NodeSql.mark(within, node), _ -> wanted.run());
          long mark = ids.wanted();
          NodeSql.beat(within, node, holder, mark);
          ids.reserved(mark);
          return new Lease(node, holder, ids);
        });
  }

  static long token(RandomSource random) {
    return Math.max(1, random.nextLong() >>> 1);
  }

  private static int smallestFree(List<Integer> held) {
    int free = FIRST;
    for (int number : held) {
      if (number == free) {
        free++;
      }
    }
    if (free > LAST) {
      throw new IllegalStateException(
          "all "
              + LAST
              + " node numbers are taken: stop a node, or wait until the dead ones are noticed");
    }
    return free;
  }
}
