package faregate.ledger;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Hands out what became of a batch: each executor gets all of its outcomes at once and in order,
/// since waking a thread costs more than most of them.
final class Outbox {
  private static final Logger LOG = LoggerFactory.getLogger(Outbox.class);

  private Outbox() {}

  /// What a receiver does with its outcome, and whether it still runs, is its own affair.
  static void give(List<Told<?>> outcomes) {
    IdentityHashMap<Executor, List<Told<?>>> sorted = new IdentityHashMap<>();
    for (Told<?> outcome : outcomes) {
      sorted.computeIfAbsent(outcome.reply().on(), _ -> new ArrayList<>()).add(outcome);
    }
    sorted.forEach(
        (on, all) -> guarded(() -> on.execute(() -> all.forEach(told -> guarded(told::receive)))));
  }

  private static void guarded(Runnable handing) {
    try {
      handing.run();
    } catch (RuntimeException e) {
      LOG.error("an outcome of the ledger could not be handed out; it is durable all the same", e);
    }
  }
}
