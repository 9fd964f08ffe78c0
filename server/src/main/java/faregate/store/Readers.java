package faregate.store;

import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/// A few platform threads, each with a connection that only reads. SQLite's native calls would pin
/// the carriers of virtual threads.
final class Readers implements AutoCloseable {
  private final Path file;
  private final ExecutorService threads;
  private final Map<Thread, Handle> handles = new ConcurrentHashMap<>();

  Readers(Path file, int count) {
    this.file = file;
    this.threads =
        Executors.newFixedThreadPool(
            count, Thread.ofPlatform().name("faregate-reader-", 1).daemon(true).factory());
  }

  /// Reads in one snapshot.
  <T> CompletableFuture<T> submit(Function<Handle, T> query) {
    return CompletableFuture.supplyAsync(() -> handle().inTransaction(query::apply), threads);
  }

  boolean isOwnThread() {
    return handles.containsKey(Thread.currentThread());
  }

  private Handle handle() {
    return handles.computeIfAbsent(Thread.currentThread(), _ -> open());
  }

  private Handle open() {
    try {
      return Jdbi.open(Sqlite.reader(file));
    } catch (SQLException e) {
      throw new IllegalStateException("cannot open " + file + " for reading", e);
    }
  }

  @Override
  public void close() {
    threads.close();
    handles.values().forEach(Handle::close);
  }
}
