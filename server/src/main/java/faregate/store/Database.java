package faregate.store;

import faregate.kit.Clock;
import faregate.kit.IdSource;
import faregate.kit.RandomSource;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;

/// The database of this process: a file of its own, or a PostgreSQL that it shares with other
/// nodes.
///
/// Thread-safe. [#read] and [#write] block, so they are for virtual and platform threads, never for
/// event loops. A read sees everything whose write had returned before it began.
public abstract sealed class Database implements AutoCloseable
    permits SqliteDatabase, PostgresDatabase {

  Database() {}

  /// Opens the file, making or migrating it as needed, and takes it for this process.
  ///
  /// @throws DatabaseInUseException when another process has it
  public static Database openSqlite(Path file, Clock clock) {
    return SqliteDatabase.open(file, clock);
  }

  /// Joins the nodes on a PostgreSQL, making or migrating its tables as needed.
  ///
  /// @throws DatabaseUnusableException when that cannot be done
  public static Database openPostgres(PostgresSettings settings, Clock clock, RandomSource random) {
    return PostgresDatabase.open(settings, clock, random);
  }

  /// Runs a query in one snapshot and waits for it.
  public abstract <T> T read(Function<Handle, T> query);

  /// As [#read], for what is answered at once or not at all: a database that is silent for seconds
  /// makes it fail, while a report may take its minute.
  public abstract <T> T readQuickly(Function<Handle, T> query);

  /// Runs a task in one transaction and waits until it is durable. When it throws, it is rolled
  /// back and the exception is thrown here. On a shared database it may be run again when another
  /// node stood in its way, so it must do nothing but talk to the handle.
  public abstract <T> T write(Function<Handle, T> task);

  /// As [#write], without waiting. Attach slow work with an executor.
  public abstract <T> CompletableFuture<T> writeLater(Function<Handle, T> task);

  /// The write thread, for the one room that brings batches of its own.
  public abstract Lane lane();

  /// Ids that are never given twice, not even after a crash, nor by another node.
  public abstract IdSource ids();

  /// The number that this process writes under at the moment.
  public abstract int node();

  /// Lets somebody live under the node's number. From now on it is told of deaths, its own too.
  public abstract void attend(Tenant tenant);

  /// The tenant noticed by itself that its number is not its own any more. Does not block.
  public abstract void lost();

  /// Whether this process may act under its number, as of now.
  public abstract Presence presence();

  /// How this process stands with its database and the other nodes on it.
  public abstract Standing standing();

  /// As [#write], and tells the other nodes in the same transaction that they should look at
  /// something again; felt within a second.
  public abstract <T> T write(String topic, Function<Handle, T> task);

  /// Tells the other nodes that they should look at something again; felt within a second. Blocks.
  public abstract void announce(String topic);

  /// Calls somebody, on a thread of this room, whenever another node has announced a topic. What
  /// was announced before anybody followed it, though after this process joined, is told too.
  public abstract void follow(String topic, Runnable reader);

  /// How long ago everything that others had announced by then was told to who follows it, in
  /// nanoseconds. Does not block.
  public abstract long unheardNanos();

  /// Connections for a library that keeps rows of its own which may lose their last moment in a
  /// crash of the server; none is opened before it is wanted. Empty where this process has the
  /// database to itself. Closed with the database.
  ///
  /// @param name how its sessions are called in `pg_stat_activity`
  /// @param size of connections, at most
  public abstract Optional<DataSource> looseConnections(String name, int size);

  /// Bytes that may still be written to the disk of the database; a very large number where nobody
  /// can tell.
  public abstract long freeBytes();

  /// Writes a consistent copy while serving.
  ///
  /// @param target must not exist; appears only when complete and durable
  /// @throws UnsupportedOperationException where the database has means of its own, which the
  ///   message names
  public abstract void backup(Path target);

  /// Finishes what is queued and gives the database back. Close what uses it first.
  ///
  /// @param clean whether nothing was left open under the node's number. Otherwise another node
  ///   finds it dead after a while and ends what was left
  public abstract void leave(boolean clean);

  @Override
  public void close() {
    leave(true);
  }
}
