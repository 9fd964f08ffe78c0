package faregate.cli;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// A thread of its own for what is done now and then. Its waiting ends at once when it is closed;
/// what it is at is waited for and not interrupted, since that could cut a database's answer.
final class Rounds implements AutoCloseable {
  private final CountDownLatch stop = new CountDownLatch(1);
  private final Thread thread;

  /// @param loop goes on for as long as [#goesOn] says so
  Rounds(String name, Runnable loop) {
    thread = Thread.ofVirtual().name(name).unstarted(loop);
  }

  void start() {
    thread.start();
  }

  /// Waits.
  ///
  /// @return whether there is to be another round
  boolean goesOn(Duration wait) {
    try {
      return !stop.await(wait.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException _) {
      return false;
    }
  }

  boolean isClosed() {
    return stop.getCount() == 0;
  }

  @Override
  public void close() {
    stop.countDown();
    try {
      thread.join();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
