package faregate.ledger;

import faregate.kit.Clock;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/// A wall clock that moves only when told. The monotonic one goes on by itself as well, for what
/// must really wait, unless it is made to stand still.
final class HandClock implements Clock {
  /// 2026-11-15T00:00Z.
  static final long START = 1_794_700_800_000_000L;

  private final AtomicLong micros = new AtomicLong(START);
  private final AtomicLong addedNanos = new AtomicLong();
  private final boolean still;
  private final Set<LedgerStore> watchers = new CopyOnWriteArraySet<>();
  private volatile LongConsumer follower = _ -> {};

  HandClock() {
    this(false);
  }

  private HandClock(boolean still) {
    this.still = still;
  }

  /// A clock whose every move is told.
  static HandClock still() {
    return new HandClock(true);
  }

  @Override
  public long micros() {
    return micros.get();
  }

  @Override
  public long nanoTime() {
    return (still ? 0 : System.nanoTime()) + addedNanos.get();
  }

  /// Both clocks go on, as when time passes: nobody who watches sees one move without the other.
  void pass(long seconds) {
    List<LedgerStore.Stall> stalls = watchers.stream().map(each -> each.stall()).toList();
    passUnwatched(seconds);
    stalls.forEach(LedgerStore.Stall::close);
  }

  /// The same where nobody can look, since no writer reaches its server.
  void passUnwatched(long seconds) {
    addedNanos.addAndGet(seconds * 1_000_000_000);
    set(seconds);
  }

  /// From now on a store's writer looks at this clock, and at another one that follows it.
  void watchedBy(LedgerStore store) {
    watchers.add(store);
  }

  /// Only the wall clock moves, as when somebody sets it.
  void set(long seconds) {
    follower.accept(micros.addAndGet(seconds * 1_000_000));
  }

  /// Tells somebody the time of the wall clock, now and whenever it moves.
  void follow(LongConsumer newcomer) {
    follower = newcomer;
    newcomer.accept(micros.get());
  }
}
