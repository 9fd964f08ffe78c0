package faregate.ledger;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/// Where an outcome goes: handed to `to`, on `on`, once, after the commit.
public record Reply<T>(Executor on, Consumer<? super T> to) {

  /// A reply that completes a future on the writer's own thread: for callers that block.
  public static <T> Reply<T> future(CompletableFuture<T> future) {
    return new Reply<>(Runnable::run, future::complete);
  }

  void give(T outcome) {
    on.execute(() -> to.accept(outcome));
  }
}
