package faregate.store;

import java.sql.Connection;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A thread that writes, with a connection of its own. SQLite has exactly one.
///
/// Two kinds of work share it, turn by turn: tasks of the control plane, each a transaction of its
/// own, and one [Source], which brings whole batches. There is no artificial delay: the lane works
/// while there is work and parks when there is none.
public final class Lane {

  /// Something that brings batches: the ledger's writer.
  public interface Source {
    /// Carries out what is waiting, in its own transactions, on the lane's thread. The connection
    /// is in auto-commit mode before and after. Must not throw.
    ///
    /// @return whether there was anything to do
    boolean run(Connection connection);

    /// @return how long the lane may sleep when nobody wakes it, in nanoseconds
    long sleepNanosMax();
  }

  private static final Logger LOG = LoggerFactory.getLogger(Lane.class);

  private final Handle handle;
  private final ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final Thread thread;
  private volatile @Nullable Source source;
  private volatile boolean asleep;
  private volatile boolean closing;

  Lane(Connection connection) {
    handle = Jdbi.open(connection);
    thread = Thread.ofPlatform().name("faregate-writer").daemon(true).unstarted(this::work);
    thread.start();
  }

  /// Adds the source of batches.
  ///
  /// @throws IllegalStateException when the lane has one already
  public synchronized void enlist(Source newcomer) {
    if (source != null) {
      throw new IllegalStateException(
          "the write thread has a source already: close that one first");
    }
    source = newcomer;
    wake();
  }

  /// Removes the source; it is not run again after this has returned.
  public void dismiss(Source leaving) {
    submit(
            handle -> {
              if (leaving.equals(source)) {
                source = null;
              }
              return true;
            })
        .join();
  }

  /// Says that there is something to do. Any thread; cheap while the lane is awake.
  public void wake() {
    if (asleep) {
      asleep = false;
      LockSupport.unpark(thread);
    }
  }

  /// Queues a task: one transaction, rolled back when it throws.
  <T> CompletableFuture<T> submit(Function<Handle, T> task) {
    CompletableFuture<T> done = new CompletableFuture<>();
    tasks.add(() -> carryOut(task, done));
    if (closing && !thread.isAlive()) {
      failRest();
    }
    wake();
    return done;
  }

  private <T> void carryOut(Function<Handle, T> task, CompletableFuture<T> done) {
    T result;
    try {
      result = handle.inTransaction(task::apply);
    } catch (RuntimeException | Error e) {
      done.completeExceptionally(e);
      return;
    }
    done.complete(result);
  }

  boolean isOwnThread() {
    return thread.equals(Thread.currentThread());
  }

  private void work() {
    while (true) {
      boolean worked = step();
      if (!worked && closing) {
        handle.close();
        return;
      }
      if (!worked) {
        sleep();
      }
    }
  }

  private boolean step() {
    try {
      Runnable task = tasks.poll();
      if (task != null) {
        task.run();
      }
      Source batches = source;
      return (batches != null && batches.run(handle.getConnection())) || task != null;
    } catch (RuntimeException | Error e) {
      LOG.error("the write thread met an error it did not expect, and goes on", e);
      return true;
    }
  }

  /// Work that arrives after the flag was set wakes the thread; work that arrived before is seen by
  /// the second look.
  private void sleep() {
    asleep = true;
    if (!closing && !step()) {
      Source batches = source;
      if (asleep) {
        LockSupport.parkNanos(batches == null ? Long.MAX_VALUE : batches.sleepNanosMax());
      }
    }
    asleep = false;
  }

  /// Finishes what is queued, then ends the thread.
  void close() {
    closing = true;
    wake();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    failRest();
  }

  /// The connection is closed by now, so each task fails and says so.
  private void failRest() {
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
    }
  }
}
