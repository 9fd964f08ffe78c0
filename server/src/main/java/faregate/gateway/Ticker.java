package faregate.gateway;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.Executor;

/// One timer for all long-lived exchanges of an event loop, twice a second: keep-alives, marks and
/// deadlines need no finer grain, and a timer for each stream would cost more than the stream.
///
/// All streams of the loop leave their marks at the same tick, so that the ledger commits them
/// together: a mark is in no hurry, and alone it would cost a commit.
final class Ticker {
  static final long PERIOD_MILLIS = 500;
  private static final int TICKS_PER_MARK = 4;
  private static final long OFF = -1;
  private final Vertx vertx;
  private final Executor loop;
  private final Set<Runnable> wanted = new LinkedHashSet<>();
  private long timer = OFF;
  private int ticks;

  /// @param context of the event loop
  Ticker(Context context) {
    this.vertx = context.owner();
    this.loop = task -> context.runOnContext(_ -> task.run());
  }

  /// The event loop. Always the same for all its exchanges, so that what they wait for together can
  /// be handed over together.
  Executor loop() {
    return loop;
  }

  void add(Runnable tick) {
    wanted.add(tick);
    if (timer == OFF) {
      timer = vertx.setPeriodic(PERIOD_MILLIS, _ -> tick());
    }
  }

  void remove(Runnable tick) {
    wanted.remove(tick);
  }

  /// Whether streams are to leave a mark at this tick: every two seconds.
  boolean isMarking() {
    return ticks % TICKS_PER_MARK == 0;
  }

  private void tick() {
    ticks++;
    if (wanted.isEmpty()) {
      vertx.cancelTimer(timer);
      timer = OFF;
      return;
    }
    for (Runnable each : new ArrayList<>(wanted)) {
      each.run();
    }
  }
}
