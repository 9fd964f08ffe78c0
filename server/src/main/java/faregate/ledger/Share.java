package faregate.ledger;

import java.util.List;
import java.util.stream.IntStream;

/// Which buckets one of several writers owns, and which fences guard its batches.
///
/// @param index of this writer, from 0
/// @param count of the writers of this node
/// @param distributed whether each batch has one bucket, and a fence for it
record Share(int index, int count, boolean distributed) {
  static final Share ALL = new Share(0, 1, false);

  boolean owns(int bucket) {
    return bucket % count == index;
  }

  /// The bucket of the fence that guards a bucket's rows.
  int fenceOf(int bucket) {
    return distributed ? bucket : index;
  }

  /// The buckets of all fences of this writer.
  List<Integer> fences() {
    return distributed
        ? IntStream.range(0, Bucket.COUNT).filter(this::owns).boxed().toList()
        : List.of(index);
  }
}
