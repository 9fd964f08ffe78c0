package faregate.store;

import com.zaxxer.hikari.HikariDataSource;
import faregate.kit.Clock;
import faregate.kit.IdSource;
import faregate.kit.RandomSource;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A PostgreSQL that this process shares with other nodes. Reads and the control plane's writes
/// take connections from two pools; the ledger's writer, the beat and the bulletin have their own.
final class PostgresDatabase extends Database {
  private static final Logger LOG = LoggerFactory.getLogger(PostgresDatabase.class);
  private static final int WRITERS_PART = 4;
  private static final int WRITERS_MIN = 1;

  /// The beat fails early enough to be sent again before the node has to fall silent.
  private static final int BEAT_SILENCE_MILLIS_MAX = 5_000;

  private static final int BULLETIN_SILENCE_MILLIS_MAX = 3_000;

  private static final int QUICK_SILENCE_MILLIS_MAX = 4_000;

  /// Above the ledger's own bound for a statement.
  private static final int LEDGER_SILENCE_MILLIS_MAX = 7_000;

  private final HikariDataSource readers;
  private final HikariDataSource writers;
  private final Jdbi reading;
  private final Retries writing;
  private final Membership membership;
  private final Bulletin bulletin;
  private final Lane lane;
  private final Postgres postgres;
  private final List<HikariDataSource> loose = new CopyOnWriteArrayList<>();
  private final ExecutorService later =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("faregate-later").factory());

  private PostgresDatabase(
      Postgres postgres, PostgresSettings settings, Clock clock, RandomSource random)
      throws SQLException {
    this.postgres = postgres;
    int write = Math.max(WRITERS_MIN, settings.connectionsMax() / WRITERS_PART);
    this.readers = postgres.pool("readers", settings.connectionsMax() - write, true);
    this.writers = postgres.pool("writers", write, false);
    this.reading = Jdbi.create(readers);
    this.writing = new Retries(Jdbi.create(writers), random);
    this.membership =
        Membership.join(
            () -> postgres.open("beat", BEAT_SILENCE_MILLIS_MAX), clock, random, settings.nodes());
    this.bulletin =
        new Bulletin(() -> postgres.open("bulletin", BULLETIN_SILENCE_MILLIS_MAX), clock).start();
    this.lane = new Lane(LaneSession.to(() -> postgres.open("ledger", LEDGER_SILENCE_MILLIS_MAX)));
  }

  static PostgresDatabase open(PostgresSettings settings, Clock clock, RandomSource random) {
    Postgres postgres = new Postgres(settings);
    postgres.prepare();
    try {
      PostgresDatabase database = new PostgresDatabase(postgres, settings, clock, random);
      postgres.started();
      return database;
    } catch (SQLException e) {
      throw PostgresTrouble.of(settings, e);
    }
  }

  @Override
  public <T> T read(Function<Handle, T> query) {
    return reading.inTransaction(query::apply);
  }

  /// The pool takes the bound away when the connection comes back.
  @Override
  public <T> T readQuickly(Function<Handle, T> query) {
    return read(
        handle -> {
          try {
            handle.getConnection().setNetworkTimeout(Runnable::run, QUICK_SILENCE_MILLIS_MAX);
          } catch (SQLException e) {
            throw new IllegalStateException("the connection is broken", e);
          }
          return query.apply(handle);
        });
  }

  @Override
  public <T> T write(Function<Handle, T> task) {
    return writing.inTransaction(task);
  }

  @Override
  public <T> CompletableFuture<T> writeLater(Function<Handle, T> task) {
    return CompletableFuture.supplyAsync(() -> write(task), later);
  }

  @Override
  public Lane lane() {
    return lane;
  }

  @Override
  public IdSource ids() {
    return membership.ids();
  }

  @Override
  public int node() {
    return membership.node();
  }

  @Override
  public void attend(Tenant tenant) {
    membership.attend(tenant);
  }

  @Override
  public void lost() {
    membership.lost();
  }

  @Override
  public Presence presence() {
    return membership;
  }

  @Override
  public Standing standing() {
    return new Standing(
        membership.node(),
        membership.silentMillis(),
        membership.alive(),
        membership.recoveries(),
        bulletin.replication(),
        membership.trouble());
  }

  /// The number is not noted as known here: this process hears of it too, and that does no harm.
  @Override
  public <T> T write(String topic, Function<Handle, T> task) {
    T result =
        write(
            handle -> {
              T done = task.apply(handle);
              BulletinSql.post(handle, topic);
              return done;
            });
    hint();
    return result;
  }

  @Override
  public void announce(String topic) {
    bulletin.posted(topic, write(handle -> BulletinSql.post(handle, topic)));
    hint();
  }

  private void hint() {
    try {
      reading.useHandle(handle -> handle.execute("NOTIFY " + Bulletin.CHANNEL));
    } catch (RuntimeException e) {
      LOG.debug("this database takes no NOTIFY; the others poll", e);
    }
  }

  @Override
  public void follow(String topic, Runnable reader) {
    bulletin.follow(topic, reader);
  }

  @Override
  public long unheardNanos() {
    return bulletin.unheardNanos();
  }

  @Override
  public Optional<DataSource> looseConnections(String name, int size) {
    HikariDataSource pool = postgres.loosePool(name, size);
    loose.add(pool);
    return Optional.of(pool);
  }

  /// The disk is the server's.
  @Override
  public long freeBytes() {
    return Long.MAX_VALUE;
  }

  @Override
  public void backup(Path target) {
    throw new UnsupportedOperationException(
        "a PostgreSQL is backed up with its own tools: pg_dump, or a base backup with its WAL");
  }

  @Override
  public void leave(boolean clean) {
    later.close();
    lane.close();
    bulletin.close();
    membership.leave(clean);
    loose.forEach(HikariDataSource::close);
    readers.close();
    writers.close();
  }
}
