package faregate.store;

import faregate.kit.Clock;
import faregate.kit.IdSource;
import faregate.kit.ReservedIds;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;

/// The database of this process. All writes go through one thread, reads through a few others.
///
/// Thread-safe. [#read] and [#write] block, so they are for virtual and platform threads, never for
/// event loops. A read sees everything whose write had returned before it began.
public final class Database implements AutoCloseable {
  private static final int READERS = 2;

  /// SQLite belongs to one process, so the node's number is always the same.
  private static final int NODE = 1;

  private final Path file;
  private final ProcessLock lock;
  private final Lane lane;
  private final Readers readers;
  private final ReservedIds ids;

  private Database(Path file, ProcessLock lock, Clock clock) throws SQLException {
    this.file = file;
    this.lock = lock;
    this.lane = new Lane(Sqlite.writer(file));
    this.readers = new Readers(file, READERS);
    long stored = write(handle -> NodeSql.mark(handle, NODE));
    this.ids = new ReservedIds(clock, NODE, stored, this::reserve);
    long mark = ids.wanted();
    store(mark).join();
    ids.reserved(mark);
  }

  /// Opens the file, making or migrating it as needed, and takes it for this process.
  ///
  /// @throws DatabaseInUseException when another process has it
  public static Database openSqlite(Path file, Clock clock) {
    Path path = file.toAbsolutePath();
    ProcessLock lock = ProcessLock.take(path);
    try {
      Sqlite.migrate(path);
      return new Database(path, lock, clock);
    } catch (SQLException e) {
      lock.close();
      throw new IllegalStateException("cannot open the database " + path, e);
    } catch (RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  /// Runs a query in one snapshot, on a reader's thread, and waits for it.
  public <T> T read(Function<Handle, T> query) {
    if (readers.isOwnThread()) {
      throw new IllegalStateException("a read within a read: pass the handle on instead");
    }
    return await(readers.submit(query));
  }

  /// Runs a task in one transaction on the write thread and waits until it is durable. When it
  /// throws, it is rolled back and the exception is thrown here.
  public <T> T write(Function<Handle, T> task) {
    if (lane.isOwnThread()) {
      throw new IllegalStateException("a write within a write: pass the handle on instead");
    }
    return await(lane.submit(task));
  }

  /// As [#write], without waiting. Completed on the write thread: attach slow work with an
  /// executor.
  public <T> CompletableFuture<T> writeLater(Function<Handle, T> task) {
    return lane.submit(task);
  }

  /// The write thread, for the one room that brings batches of its own.
  public Lane lane() {
    return lane;
  }

  /// Ids that are never given twice, not even after a crash.
  public IdSource ids() {
    return ids;
  }

  /// The number that this process writes under.
  public int node() {
    return NODE;
  }

  /// Whether this process may act under that number, as of now.
  public Presence presence() {
    return Presence.ALWAYS;
  }

  /// How this process stands with its database and the other nodes on it.
  public Standing standing() {
    return Standing.alone(NODE);
  }

  /// Bytes that may still be written to the disk of the database.
  public long freeBytes() {
    try {
      return Files.getFileStore(file).getUsableSpace();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot tell the free space beside " + file, e);
    }
  }

  /// Writes a consistent copy while serving.
  ///
  /// @param target must not exist; appears only when complete and durable
  public void backup(Path target) {
    Backup.write(file, target.toAbsolutePath());
  }

  private void reserve(long mark) {
    var _ =
        store(mark)
            .whenComplete(
                (_, failed) -> {
                  if (failed == null) {
                    ids.reserved(mark);
                  } else {
                    ids.notReserved();
                  }
                });
  }

  private CompletableFuture<Boolean> store(long mark) {
    return lane.submit(
        handle -> {
          NodeSql.reserve(handle, NODE, mark);
          return true;
        });
  }

  private static <T> T await(CompletableFuture<T> future) {
    try {
      return future.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        cause.addSuppressed(new IllegalStateException("asked for here"));
        throw cause;
      }
      if (e.getCause() instanceof Error cause) {
        throw cause;
      }
      throw e;
    }
  }

  /// Finishes what is queued and gives the file back. Close what uses the database first.
  @Override
  public void close() {
    store(ids.used()).join();
    lane.close();
    readers.close();
    lock.close();
  }
}
