package faregate.ledger;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

/// Where an outcome goes: handed to `to`, on `on`, once, after the commit.
public record Reply<T>(Executor on, Consumer<? super T> to) {

  /// A reply that completes a future on the writer's own thread: for callers that block.
  public static <T> Reply<T> future(CompletableFuture<T> future) {
    return new Reply<>(Runnable::run, future::complete);
  }

  void give(T outcome) {
    try {
      on.execute(() -> to.accept(outcome));
    } catch (RejectedExecutionException _) {
      // Its event loop has closed: nobody waits any more, and others' replies must not be lost.
    }
  }
}
