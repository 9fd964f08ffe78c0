package faregate.ledger;

import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/// Commands on their way to the writer. Any thread adds, the write thread drains.
///
/// Bounded for what may be turned away; what ends a hold is always taken.
final class Queue {
  private final ConcurrentLinkedQueue<Work> waiting = new ConcurrentLinkedQueue<>();
  private final AtomicInteger size = new AtomicInteger();
  private final int sizeMax;

  Queue(int sizeMax) {
    this.sizeMax = sizeMax;
  }

  boolean isFull() {
    return size.get() >= sizeMax;
  }

  void add(Work work) {
    size.incrementAndGet();
    waiting.add(work);
  }

  /// Moves up to `countMax` into `batch`.
  void drainTo(List<Work> batch, int countMax) {
    int count = 0;
    for (; count < countMax; count++) {
      Work work = waiting.poll();
      if (work == null) {
        break;
      }
      batch.add(work);
    }
    size.addAndGet(-count);
  }

  int size() {
    return size.get();
  }
}
