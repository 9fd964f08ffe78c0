package faregate.cli;

import static java.util.stream.Collectors.toMap;

import faregate.id.CallId;
import faregate.id.WalletId;
import faregate.identity.MonthlyGrant;
import faregate.ledger.Ledger.CallRef;
import faregate.limit.RateLimits;
import faregate.reconcile.Comparison;
import java.time.Duration;
import java.time.YearMonth;
import java.util.List;
import java.util.Map;
import java.util.function.IntSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Removes what is over, now and then: clients' keys whose day is over, counts whose hour is, calls
/// whose months are. Every node may do so at once.
final class Housekeeping implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Housekeeping.class);
  private static final Duration EVERY = Duration.ofMinutes(10);

  private final Books books;
  private final RateLimits rateLimits;
  private final IntSupplier callMonths;
  private final Thread thread;
  private volatile boolean stopping;

  /// @param callMonths for how many months beside the current one calls are kept; 0 for ever
  Housekeeping(Books books, RateLimits rateLimits, IntSupplier callMonths) {
    this.books = books;
    this.rateLimits = rateLimits;
    this.callMonths = callMonths;
    this.thread = Thread.ofVirtual().name("faregate-housekeeping").unstarted(this::loop);
  }

  void start() {
    thread.start();
  }

  private void loop() {
    while (!Thread.currentThread().isInterrupted()) {
      try {
        clean();
      } catch (RuntimeException e) {
        if (!stopping) {
          LOG.warn("what is over could not be removed; tried again later", e);
        }
      }
      try {
        Thread.sleep(EVERY);
      } catch (InterruptedException _) {
        return;
      }
    }
  }

  private void clean() {
    int swept = books.ledger().sweepKeys();
    rateLimits.sweep();
    LOG.debug("{} idempotency keys were over and are removed", swept);
    int months = callMonths.getAsInt();
    if (months > 0) {
      closeCalls(MonthlyGrant.month(books.ledger().nowMicros()).minusMonths(months));
    }
  }

  /// Each month that is kept can still be compared whole with the bills of providers.
  private void closeCalls(YearMonth firstKept) {
    books.usage().catchUp();
    Map<Long, Long> takenIn = books.usage().takenIn();
    long closed =
        books
            .ledger()
            .closeCalls(
                Comparison.wantsFrom(firstKept),
                takenIn,
                gone -> {
                  books.usage().forget(byId(gone));
                  return !stopping;
                });
    if (closed > 0) {
      LOG.info("{} calls from before {} are closed: only sums of them are kept", closed, firstKept);
    }
  }

  private static Map<CallId, WalletId> byId(List<CallRef> calls) {
    return calls.stream().collect(toMap(CallRef::id, CallRef::wallet));
  }

  @Override
  public void close() {
    stopping = true;
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
