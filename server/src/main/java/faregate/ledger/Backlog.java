package faregate.ledger;

import faregate.id.CallId;
import faregate.kit.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What the writer took and has not written, and why not.
///
/// Commands leave here in one of three ways: they are carried out again, they are answered
/// `Unavailable`, or, where they end a hold, they are tried until they are written. Only the write
/// thread comes here.
final class Backlog {
  private static final long RETRY_NANOS = 100_000_000;

  private final Clock clock;

  /// Ends of holds whose transaction failed.
  private final List<Work> unwritten = new ArrayList<>();

  /// What has to be carried out again at once.
  private final List<Work> again = new ArrayList<>();

  private final Aside aside = new Aside();
  private @Nullable Doubt doubt;
  private long retryNanos;
  private String failure = "";

  /// Whether nothing may be written: the number was lost, or the rows are not to be believed.
  private boolean stopped;

  Backlog(Clock clock) {
    this.clock = clock;
    this.retryNanos = clock.nanoTime();
  }

  Aside aside() {
    return aside;
  }

  /// The batch of which nobody knows whether it was written.
  @Nullable Doubt doubt() {
    return doubt;
  }

  /// Why nothing can be written; empty when the last try went well.
  String failure() {
    return failure;
  }

  boolean isFailing() {
    return !failure.isEmpty();
  }

  boolean isStopped() {
    return stopped;
  }

  /// Whether a desk may be used any more.
  boolean isSound(Desk desk) {
    return !stopped && doubt == null && !desk.isUncertain();
  }

  boolean isEmpty() {
    return unwritten.isEmpty() && again.isEmpty() && doubt == null && aside.size() == 0;
  }

  /// Whether every end of a hold was written, and nothing is in doubt.
  boolean hasWrittenAll() {
    return unwritten.isEmpty() && !stopped && doubt == null;
  }

  int size() {
    return unwritten.size() + aside.size() + (doubt == null ? 0 : doubt.size());
  }

  /// Whether it is time to try what failed.
  boolean isRetryDue() {
    return clock.nanoTime() - retryNanos >= 0;
  }

  /// How long the writer may sleep on its account.
  long nanosUntilDue(long nowNanos) {
    if (!again.isEmpty()) {
      return 1;
    }
    return unwritten.isEmpty() ? Long.MAX_VALUE : retryNanos - nowNanos;
  }

  /// Moves what is to be carried out now into a batch.
  void drainTo(List<Work> batch, int countMax) {
    batch.addAll(again);
    again.clear();
    if (!unwritten.isEmpty() && isRetryDue()) {
      List<Work> failed = unwritten.subList(0, Math.min(unwritten.size(), countMax));
      batch.addAll(failed);
      failed.clear();
    }
  }

  /// Calls whose end is known and not written yet.
  Set<@Nullable CallId> ending() {
    Set<@Nullable CallId> ending = new HashSet<>();
    unwritten.forEach(work -> ending.add(work.ends()));
    return ending;
  }

  /// Takes a batch that was not written, or of which that is uncertain.
  void take(Desk desk, List<Work> batch, Exception cause) {
    if (!stopped && doubt == null && (desk.isUncertain() || Failure.of(cause) == Failure.CUT)) {
      // What was set aside is in no doubt.
      List<Work> tried = new ArrayList<>(batch);
      tried.removeAll(desk.aside());
      aside.putBack(desk.aside());
      doubt(desk, tried);
      // The first look for a new connection is made at once.
      retryNanos = clock.nanoTime();
    } else if (doubt != null && !stopped) {
      again.addAll(batch);
    } else {
      take(batch, String.valueOf(cause.getMessage()));
    }
  }

  /// Takes what cannot be written now.
  void take(List<Work> batch, String reason) {
    for (Work work : batch) {
      if (work.mustBeWritten() && !stopped) {
        unwritten.add(work);
      } else {
        work.refuse(reason);
      }
    }
  }

  /// A desk whose connection broke.
  void doubt(Desk desk, List<Work> batch) {
    doubt = new Doubt(desk, batch, clock.nanoTime());
  }

  /// The fate of the batch in doubt is known.
  void settle(Doubt known) {
    again.addAll(0, known.settle());
    doubt = null;
    failure = "";
  }

  /// Answers holds that have been in doubt for long enough.
  void giveUpHolds() {
    Doubt open = doubt;
    if (open != null) {
      long now = clock.nanoTime();
      open.giveUpHolds(now, failure);
      if (now - open.holdsDueNanos() >= 0) {
        again.removeIf(this::giveUp);
        aside.giveUpHolds(failure);
      }
    }
  }

  private boolean giveUp(Work work) {
    boolean hold = work instanceof Work.Hold;
    if (hold) {
      work.refuse(failure);
    }
    return hold;
  }

  /// Something was written.
  void wrote() {
    failure = "";
  }

  /// Something could not be written.
  void fail(Exception cause) {
    failure = "the ledger cannot write: " + cause.getMessage();
    retryNanos = clock.nanoTime() + RETRY_NANOS;
  }

  /// From now on nothing is written any more; nothing is kept either.
  void stop(String reason) {
    stopped = true;
    failure = reason;
    refuse(reason);
  }

  /// Things may be written again, as soon as the rows are read; until then the reason stands.
  void start() {
    stopped = false;
    retryNanos = clock.nanoTime();
  }

  /// Answers everything that is here.
  ///
  /// @return how many that were
  int refuse(String reason) {
    List<Work> left = new ArrayList<>(unwritten);
    left.addAll(again);
    left.addAll(aside.clear());
    unwritten.clear();
    again.clear();
    left.forEach(work -> work.refuse(reason));
    Doubt open = doubt;
    if (open == null) {
      return left.size();
    }
    doubt = null;
    open.refuse(reason);
    return left.size() + open.size();
  }
}
