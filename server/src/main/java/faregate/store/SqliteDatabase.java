package faregate.store;

import faregate.kit.Clock;
import faregate.kit.IdSource;
import faregate.kit.ReservedIds;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;

/// A file that belongs to this process. All writes go through one thread, reads through a few
/// others.
final class SqliteDatabase extends Database {
  private static final int READERS = 4;

  /// SQLite belongs to one process, so the node's number is always the same.
  private static final int NODE = 1;

  private final Path file;
  private final ProcessLock lock;
  private final Lane lane;
  private final Readers readers;
  private final ReservedIds ids;

  private SqliteDatabase(Path file, ProcessLock lock, Clock clock) throws SQLException {
    this.file = file;
    this.lock = lock;
    this.lane = new Lane(LaneSession.of(Sqlite.writer(file)));
    this.readers = new Readers(file, READERS);
    long stored = write(handle -> NodeSql.mark(handle, NODE));
    this.ids = new ReservedIds(clock, NODE, stored, this::reserve);
    long mark = ids.wanted();
    store(mark).join();
    ids.reserved(mark);
  }

  static SqliteDatabase open(Path file, Clock clock) {
    Path path = file.toAbsolutePath();
    ProcessLock lock = ProcessLock.take(path);
    try {
      Sqlite.migrate(path);
      return new SqliteDatabase(path, lock, clock);
    } catch (SQLException e) {
      lock.close();
      throw new IllegalStateException("cannot open the database " + path, e);
    } catch (RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  @Override
  public <T> T read(Function<Handle, T> query) {
    if (readers.isOwnThread()) {
      throw new IllegalStateException("a read within a read: pass the handle on instead");
    }
    return await(readers.submit(query));
  }

  @Override
  public <T> T readQuickly(Function<Handle, T> query) {
    return read(query);
  }

  @Override
  public <T> T write(Function<Handle, T> task) {
    if (lane.isOwnThread()) {
      throw new IllegalStateException("a write within a write: pass the handle on instead");
    }
    return await(lane.submit(task));
  }

  /// Completed on the write thread: attach slow work with an executor.
  @Override
  public <T> CompletableFuture<T> writeLater(Function<Handle, T> task) {
    return lane.submit(task);
  }

  @Override
  public Lane lane() {
    return lane;
  }

  @Override
  public IdSource ids() {
    return ids;
  }

  @Override
  public int node() {
    return NODE;
  }

  /// There is nobody else, so nobody can be declared dead.
  @Override
  public void attend(Tenant tenant) {}

  @Override
  public void lost() {}

  @Override
  public Presence presence() {
    return Presence.ALWAYS;
  }

  @Override
  public Standing standing() {
    return Standing.alone(NODE);
  }

  /// Nobody but this process can read it.
  @Override
  public <T> T write(String topic, Function<Handle, T> task) {
    return write(task);
  }

  @Override
  public Optional<DataSource> looseConnections(String name, int size) {
    return Optional.empty();
  }

  @Override
  public void announce(String topic) {}

  @Override
  public void follow(String topic, Runnable reader) {}

  /// There is nobody else to hear.
  @Override
  public long unheardNanos() {
    return 0;
  }

  @Override
  public long freeBytes() {
    try {
      return Files.getFileStore(file).getUsableSpace();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot tell the free space beside " + file, e);
    }
  }

  @Override
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

  @Override
  public void leave(boolean clean) {
    store(ids.used()).join();
    lane.close();
    readers.close();
    lock.close();
  }
}
