package faregate.cli;

import faregate.catalog.Catalog;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Asks providers again that did not tell their models when the catalogue was read: one that is
/// started after this server is offered without a reload.
final class LateModels implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LateModels.class);
  private static final Duration FIRST = Duration.ofSeconds(2);
  private static final Duration MOST = Duration.ofMinutes(5);

  private final Catalog catalog;
  private final CountDownLatch stop = new CountDownLatch(1);
  private final Thread thread;

  LateModels(Catalog catalog) {
    this.catalog = catalog;
    this.thread = Thread.ofVirtual().name("faregate-late-models").unstarted(this::loop);
  }

  void start() {
    thread.start();
  }

  private void loop() {
    Duration wait = FIRST;
    while (goesOn(wait)) {
      if (catalog.isWhole()) {
        wait = FIRST;
      } else {
        wait = wait.multipliedBy(2).compareTo(MOST) < 0 ? wait.multipliedBy(2) : MOST;
        ask();
      }
    }
  }

  private void ask() {
    try {
      catalog.askAgain();
    } catch (RuntimeException e) {
      LOG.warn("the catalogue stays as it was: {}", e.getMessage());
    }
  }

  private boolean goesOn(Duration wait) {
    try {
      return !stop.await(wait.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException _) {
      return false;
    }
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
