package faregate.usage;

import java.util.List;

/// The calls that ended, in an order that can be followed without missing one.
///
/// Ids commit out of order, so they cannot be followed; the batches of one writer can: they are
/// numbered in the order of their commits, and all rows of a batch appear at once.
public interface Feed {
  /// The writers there are, with the number of the last batch of each.
  List<Writer> writers();

  /// Rows of one writer behind a position, ordered by batch, then by call id; at most `limit`.
  List<EndedCall> after(String fence, Position position, int limit);

  record Writer(String fence, long seq) {}

  /// The last row that was seen: all rows up to it were seen too.
  record Position(long seq, long call) {
    public static final Position START = new Position(0, 0);
  }
}
