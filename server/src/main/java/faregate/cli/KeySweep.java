package faregate.cli;

import faregate.ledger.SqlLedger;
import faregate.limit.RateLimits;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Removes clients' keys whose day is over, and counts whose hour is, now and then. Every node may
/// do so at once.
final class KeySweep implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(KeySweep.class);
  private static final Duration EVERY = Duration.ofMinutes(10);

  private final SqlLedger ledger;
  private final RateLimits rateLimits;
  private final Thread thread;

  KeySweep(SqlLedger ledger, RateLimits rateLimits) {
    this.ledger = ledger;
    this.rateLimits = rateLimits;
    this.thread = Thread.ofVirtual().name("faregate-key-sweep").unstarted(this::loop);
  }

  void start() {
    thread.start();
  }

  private void loop() {
    while (!Thread.currentThread().isInterrupted()) {
      try {
        Thread.sleep(EVERY);
        int swept = ledger.sweepKeys();
        rateLimits.sweep();
        LOG.debug("{} idempotency keys were over and are removed", swept);
      } catch (InterruptedException _) {
        return;
      } catch (RuntimeException e) {
        LOG.warn("what is over could not be removed; tried again later", e);
      }
    }
  }

  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
