package faregate.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jdbi.v3.core.Handle;
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
    boolean run(Session session);

    /// @return how long the lane may sleep when nobody wakes it, in nanoseconds
    long sleepNanosMax();
  }

  /// The connection of a lane.
  public interface Session {
    /// The connection, opened anew where the last one was given up.
    ///
    /// @throws SQLException when the database does not answer
    Connection connection() throws SQLException;

    /// Gives the connection up: it cannot be used any more. The file of this process stays open.
    void broken();

    /// Whether other processes write to the database as well.
    boolean isShared();

    /// A connection beside the lane's own, for the caller to close. Any thread.
    ///
    /// @throws SQLException when the database does not answer, or belongs to this lane alone
    Connection another() throws SQLException;
  }

  private static final Logger LOG = LoggerFactory.getLogger(Lane.class);

  private final LaneSession session;
  private final ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final Thread thread;
  private volatile Session given;
  private volatile @Nullable Source source;
  private volatile boolean asleep;
  private volatile boolean closing;

  Lane(LaneSession session) {
    this.session = session;
    this.given = session;
    thread = Thread.ofPlatform().name("faregate-writer").daemon(true).unstarted(this::work);
    thread.start();
  }

  /// Puts something around the connection that sources are given, before one is enlisted: for who
  /// has to watch or to harm what is written.
  public void dress(UnaryOperator<Connection> around) {
    given = new DressedSession(session, around);
  }

  /// For work beside the lane: [Session#another] and [Session#isShared].
  public Session session() {
    return session;
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
    CompletableFuture<Boolean> gone = new CompletableFuture<>();
    add(
        () -> {
          if (leaving.equals(source)) {
            source = null;
          }
          gone.complete(true);
        });
    gone.join();
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
    add(() -> carryOut(task, done));
    return done;
  }

  private void add(Runnable task) {
    tasks.add(task);
    if (closing && !thread.isAlive()) {
      failRest();
    }
    wake();
  }

  private <T> void carryOut(Function<Handle, T> task, CompletableFuture<T> done) {
    T result;
    try {
      result = session.handle().inTransaction(task::apply);
    } catch (SQLException | RuntimeException | Error e) {
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
        session.close();
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
      return (batches != null && batches.run(given)) || task != null;
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
