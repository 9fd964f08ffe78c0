package faregate.ledger;

import faregate.id.CallId;
import faregate.id.WalletId;
import faregate.kit.Clock;
import faregate.kit.IdSource;
import faregate.kit.RandomSource;
import faregate.ledger.Ledger.CallRef;
import faregate.money.Nanos;
import faregate.store.Database;
import faregate.store.PostgresServers;
import faregate.store.PostgresSettings;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A node on a PostgreSQL.
final class PostgresStore implements LedgerStore {
  final Database database;
  private static final Map<String, PostgresStore> KEPT = new ConcurrentHashMap<>();

  private final PostgresSettings settings;
  private final boolean kept;
  private final boolean spread;
  private @Nullable SqlLedger ledger;

  /// @param clock where it is a [HandClock], the server's time follows it
  PostgresStore(PostgresSettings settings, Clock clock) {
    this(settings, clock, Layout.WHOLE, false);
  }

  private PostgresStore(PostgresSettings settings, Clock clock, Layout layout, boolean kept) {
    this.settings = settings;
    this.kept = kept;
    this.spread = layout.isSpread();
    if (spread) {
      layout.lay(settings);
    }
    if (clock instanceof HandClock hand) {
      shift(hand);
    }
    database = Database.openPostgres(settings, Clock.system(), RandomSource.secure());
  }

  /// A node that many tests use one after the other, each on empty tables: opening one takes longer
  /// than most tests.
  static PostgresStore empty(String release, HandClock clock) {
    return empty(release, Layout.WHOLE, clock);
  }

  static PostgresStore empty(String release, Layout layout, HandClock clock) {
    PostgresStore store =
        KEPT.computeIfAbsent(
            release + " " + layout,
            _ ->
                new PostgresStore(PostgresServers.shared(release).database(), clock, layout, true));
    // Quicker than TRUNCATE, which makes new files for each part and index.
    store.statement(
        Layout.TABLES.stream().map("DELETE FROM %s;"::formatted).collect(Collectors.joining("\n")));
    clock.follow(store::time);
    return store;
  }

  private void time(long micros) {
    statement("UPDATE shifted.hand SET micros = " + micros);
  }

  /// Puts another function before the one that tells the server's time.
  private void shift(HandClock hand) {
    statement("CREATE SCHEMA shifted");
    statement("CREATE TABLE shifted.hand (micros BIGINT)");
    statement("INSERT INTO shifted.hand VALUES (0)");
    statement(
        """
        CREATE FUNCTION shifted.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS
        'SELECT to_timestamp(0) + micros * interval ''1 microsecond'' FROM shifted.hand'
        """);
    statement(
        "ALTER DATABASE \""
            + settings.url().replaceFirst(".*/", "").replaceFirst("\\?.*", "")
            + "\" SET search_path = shifted, pg_catalog, public");
    hand.follow(this::time);
  }

  /// A connection of somebody else.
  static Connection connect(PostgresSettings settings) throws SQLException {
    return DriverManager.getConnection(settings.url(), settings.user(), null);
  }

  /// Where a node's beat stands.
  long beat(int node) {
    return number("SELECT beat FROM node WHERE number = " + node);
  }

  /// What a question is answered with.
  long number(String sql) {
    try (Connection connection = connect(settings);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getLong(1);
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }

  private void statement(String sql) {
    try (Connection connection = connect(settings);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }

  @Override
  public SqlLedger open(Clock clock, LedgerSettings settings) {
    if (clock instanceof HandClock hand) {
      hand.watchedBy(this);
    }
    LedgerSettings fitting = spread ? settings.spread() : settings;
    ledger = SqlLedger.open(database, clock, RandomSource.secure(), fitting, LedgerWatch.NONE);
    return ledger;
  }

  @Override
  public IdSource ids() {
    return database.ids();
  }

  @Override
  public void execute(String sql) {
    statement(sql);
  }

  /// The writer hands out outcomes itself, so an outcome that does not return stops it.
  @Override
  public Stall stall(String... sql) {
    CountDownLatch stalled = new CountDownLatch(1);
    CountDownLatch over = new CountDownLatch(1);
    CountDownLatch done = new CountDownLatch(1);
    CallRef nothing = new CallRef(new CallId(ids().next()), new WalletId(1));
    Objects.requireNonNull(ledger)
        .release(
            nothing,
            Nanos.ZERO,
            "stall",
            new byte[0],
            new Reply<>(
                Runnable::run,
                outcome -> {
                  stalled.countDown();
                  // A ledger that is closed answers on this very thread, and needs no stalling.
                  if (!(outcome instanceof EndOutcome.Unavailable)) {
                    await(over);
                  }
                  done.countDown();
                }));
    await(stalled);
    List.of(sql).forEach(this::execute);
    return () -> {
      over.countDown();
      await(done);
    };
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /// The function is found behind any search path, and its end is that of the trigger.
  @Override
  public void fault(String step, String when) {
    statement(
        """
        CREATE FUNCTION public.fault() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN RAISE EXCEPTION ''injected''; END'
        """);
    String event =
        step.equals("COMMIT")
            ? "CONSTRAINT TRIGGER fault AFTER UPDATE ON fence DEFERRABLE INITIALLY DEFERRED"
            : "TRIGGER fault " + step;
    String condition = when.isEmpty() ? "" : " WHEN (" + when + ")";
    statement("CREATE " + event + " FOR EACH ROW" + condition + " EXECUTE FUNCTION public.fault()");
  }

  @Override
  public void mend() {
    statement("DROP FUNCTION public.fault() CASCADE");
  }

  @Override
  public boolean isShared() {
    return true;
  }

  @Override
  public void close() {
    if (!kept) {
      database.close();
    }
  }
}
