package faregate.http;

import java.util.concurrent.atomic.AtomicLong;

/// How many bytes of request bodies may be in memory at once, those of all connections together: a
/// bound for each does not keep many large ones from filling the heap. Thread-safe.
final class BodyMemory {
  private final AtomicLong free;

  BodyMemory(long bytes) {
    this.free = new AtomicLong(bytes);
  }

  Share share() {
    return new Share();
  }

  /// What one request has of it. Belongs to an event loop.
  final class Share {
    private long taken;
    private boolean over;

    private Share() {}

    /// @return false, and nothing was taken, when there is no room
    boolean take(int bytes) {
      if (over) {
        return true;
      }
      if (free.addAndGet(-bytes) < 0) {
        free.addAndGet(bytes);
        return false;
      }
      taken += bytes;
      return true;
    }

    /// Gives all back, once and for good.
    void giveBack() {
      if (!over) {
        over = true;
        free.addAndGet(taken);
      }
    }
  }
}
