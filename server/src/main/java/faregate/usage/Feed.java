package faregate.usage;

import java.util.List;

/// The calls that ended, in an order that can be followed without missing one.
///
/// Ids commit out of order, so they cannot be followed; the batches of one writer can: they are
/// numbered in the order of their commits, and all rows of a batch appear at once.
public interface Feed {
  /// The writers there are.
  List<Long> fences();

  /// Those that this process follows in the background: each writer has one such process.
  default List<Long> ours() {
    return fences();
  }

  /// From when on single calls are kept, in microseconds since the epoch: the beginning of a day.
  default long keptFromMicros() {
    return 0;
  }

  /// Rows of one writer behind a batch, in the order of the batches, each batch whole: so there may
  /// be more than asked for. A call whose charge is adjusted comes again, in a later batch.
  ///
  /// @param seq the last batch that was seen, 0 at first
  List<EndedCall> after(long fence, long seq, int limit);
}
