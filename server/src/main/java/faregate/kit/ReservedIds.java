package faregate.kit;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/// Ids below a mark that was stored beforehand.
///
/// Think of a number line of ticks, 4,096 to the millisecond. `last` is the tick given last; `mark`
/// is the highest that may be given. Whoever starts after a crash starts above the stored mark, so
/// nothing is given twice. When half of the reserve is used, a higher mark is asked for. Where that
/// is not stored in time, ticks cease to follow the clock near the mark and just follow each other:
/// the last tenth of the reserve is some four million ids, for as long as the database is silent.
///
/// No timer runs: an idle source writes nothing.
public final class ReservedIds implements IdSource {
  /// 2024-01-01T00:00Z, so that 41 bits of milliseconds last until 2093.
  private static final long EPOCH_MILLIS = 1_704_067_200_000L;

  private static final int NODE_BITS = 10;
  private static final int COUNTER_BITS = 12;
  private static final long RESERVE_TICKS = 10_000L << COUNTER_BITS;

  /// What the clock alone must not use up.
  private static final long LAST_TICKS = RESERVE_TICKS / 10;

  private final Clock clock;
  private final long node;
  private final LongConsumer reserve;
  private final AtomicLong last;
  private final AtomicBoolean asking = new AtomicBoolean();
  private volatile long mark;

  /// @param node 0 to 1023; no other source may use the number at the same time
  /// @param stored the mark stored last, 0 on a new node; ids start above it
  /// @param reserve asked to store a higher mark, on any thread, which then calls [#reserved] or,
  ///   on failure, [#notReserved]; it must not block
  public ReservedIds(Clock clock, int node, long stored, LongConsumer reserve) {
    if (node < 0 || node >= 1 << NODE_BITS) {
      throw new IllegalArgumentException("a node's number is 0 to 1023, not " + node);
    }
    this.clock = clock;
    this.node = node;
    this.reserve = reserve;
    this.last = new AtomicLong(stored);
    this.mark = stored;
  }

  /// When an id was made, in microseconds since the epoch, to the millisecond. It may lie ahead of
  /// the clock: for a moment when ids are made faster than the clock moves, and for seconds after a
  /// crash.
  public static long madeMicros(long id) {
    return ((id >>> (NODE_BITS + COUNTER_BITS)) + EPOCH_MILLIS) * 1000;
  }

  /// The lowest id that could have been made at a time, so that a span of time is a span of ids.
  public static long firstAt(long micros) {
    return Math.max(0, micros / 1000 - EPOCH_MILLIS) << (NODE_BITS + COUNTER_BITS);
  }

  /// The number of the node that made an id.
  public static int madeBy(long id) {
    return (int) (id & ((1 << NODE_BITS) - 1));
  }

  @Override
  public long next() {
    long now = ticks();
    while (true) {
      long before = last.get();
      long tick = Math.max(before + 1, now);
      if (tick > mark - RESERVE_TICKS / 2) {
        ask();
        tick = Math.max(before + 1, Math.min(now, mark - LAST_TICKS));
        if (tick > mark) {
          throw new IllegalStateException(
              "no ids left below the stored mark " + mark + ": the database does not answer");
        }
      }
      if (last.compareAndSet(before, tick)) {
        return tick << NODE_BITS | node;
      }
    }
  }

  private void ask() {
    if (asking.compareAndSet(false, true)) {
      reserve.accept(wanted());
    }
  }

  /// @return the mark to store before the first id is given, and whenever more are wanted
  public long wanted() {
    return Math.max(last.get(), ticks()) + RESERVE_TICKS;
  }

  /// Tells that a mark has been stored durably.
  public void reserved(long stored) {
    mark = stored;
    asking.set(false);
  }

  /// Tells that a mark could not be stored; it is asked for again when the next id is made.
  public void notReserved() {
    asking.set(false);
  }

  /// @return the tick given last: what an orderly end stores as the mark
  public long used() {
    return last.get();
  }

  private long ticks() {
    return (clock.micros() / 1000 - EPOCH_MILLIS) << COUNTER_BITS;
  }
}
