package faregate.cli;

import faregate.identity.MonthlyGrant;
import faregate.ledger.SqlLedger;
import faregate.limit.RateLimits;
import faregate.reconcile.Comparison;
import faregate.reconcile.LateBills;
import java.time.Duration;
import java.time.YearMonth;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Removes what is over, now and then: clients' keys whose day is over, counts whose hour is, calls
/// whose months are. Every node may do so at once.
final class Housekeeping implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Housekeeping.class);
  private static final Duration EVERY = Duration.ofMinutes(10);

  /// Who reads ended calls is soon done with them.
  private static final Duration SOON = Duration.ofSeconds(5);

  /// Between two slices, so that calls that are being made notice nothing.
  private static final Duration PAUSE = Duration.ofMillis(50);

  private final Books books;
  private final RateLimits rateLimits;
  private final LateBills lateBills;
  private final IntSupplier callMonths;
  private final Rounds rounds = new Rounds("faregate-housekeeping", this::loop);

  /// @param callMonths for how many months beside the current one calls are kept; 0 for ever
  Housekeeping(Books books, RateLimits rateLimits, LateBills lateBills, IntSupplier callMonths) {
    this.books = books;
    this.rateLimits = rateLimits;
    this.lateBills = lateBills;
    this.callMonths = callMonths;
  }

  void start() {
    rounds.start();
  }

  private void loop() {
    Duration wait;
    do {
      wait = EVERY;
      try {
        if (!clean()) {
          wait = SOON;
        }
      } catch (RuntimeException | Error e) {
        if (!rounds.isClosed()) {
          LOG.warn("what is over could not be removed; tried again later", e);
        }
      }
    } while (rounds.goesOn(wait));
  }

  /// @return whether all was removed that can be
  private boolean clean() {
    int swept = books.ledger().sweepKeys();
    rateLimits.sweep();
    LOG.debug("{} idempotency keys were over and are removed", swept);
    int months = callMonths.getAsInt();
    return months == 0
        || closeCalls(MonthlyGrant.month(books.ledger().nowMicros()).minusMonths(months));
  }

  /// Each month that is kept can still be compared whole with the bills of providers.
  private boolean closeCalls(YearMonth firstKept) {
    Map<Long, Long> takenIn = new HashMap<>(books.usage().takenIn());
    Map<Long, Long> asked = lateBills.takenIn();
    takenIn.replaceAll((fence, seq) -> Math.min(seq, asked.getOrDefault(fence, 0L)));
    SqlLedger.Closed closed =
        books
            .ledger()
            .closeCalls(
                Comparison.wantsFrom(firstKept),
                takenIn,
                (handle, calls) -> {
                  books.usage().forget(handle, calls);
                  lateBills.forget(handle, calls);
                },
                () -> rounds.goesOn(PAUSE));
    if (closed.calls() > 0) {
      LOG.info(
          "{} calls from before {} are closed: only sums of them are kept",
          closed.calls(),
          firstKept);
    }
    return closed.whole();
  }

  @Override
  public void close() {
    rounds.close();
  }
}
