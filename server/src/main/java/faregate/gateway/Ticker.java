package faregate.gateway;

import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.Set;

/// One timer for all long-lived exchanges of an event loop, twice a second: keep-alives, marks and
/// deadlines need no finer grain, and a timer for each stream would cost more than the stream.
final class Ticker {
  static final long PERIOD_MILLIS = 500;
  private static final long OFF = -1;
  private final Vertx vertx;
  private final Set<Runnable> wanted = new LinkedHashSet<>();
  private long timer = OFF;

  Ticker(Vertx vertx) {
    this.vertx = vertx;
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

  private void tick() {
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
