package faregate.store;

import faregate.kit.RandomSource;
import java.sql.SQLException;
import java.util.Set;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/// Runs a transaction again when others stood in its way: it was chosen as the victim of a
/// deadlock, could not be put in an order with others, or waited too long for a row. Then nothing
/// of it was written. What was cut off is not repeated, since nobody knows whether it was written.
record Retries(Jdbi jdbi, RandomSource random) {
  private static final int TRIES_MAX = 6;
  private static final long PAUSE_MILLIS_MAX = 40;
  private static final Set<String> IN_THE_WAY = Set.of("40001", "40P01", "55P03");

  <T> T inTransaction(Function<Handle, T> task) {
    for (int tries = 1; ; tries++) {
      try {
        return jdbi.inTransaction(task::apply);
      } catch (RuntimeException e) {
        if (tries == TRIES_MAX || !IN_THE_WAY.contains(String.valueOf(state(e)))) {
          throw e;
        }
        pause(tries);
      }
    }
  }

  private static @Nullable String state(Throwable e) {
    for (Throwable each = e; each != null; each = each.getCause()) {
      if (each instanceof SQLException answer) {
        return answer.getSQLState();
      }
    }
    return null;
  }

  private void pause(int tries) {
    try {
      Thread.sleep(Math.floorMod(random.nextLong(), PAUSE_MILLIS_MAX * tries));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
