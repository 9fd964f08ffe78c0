package faregate.ledger;

import faregate.kit.Clock;
import faregate.kit.IdSource;
import faregate.kit.RandomSource;
import faregate.store.Database;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/// A SQLite file.
final class SqliteStore implements LedgerStore {
  final Database database;

  SqliteStore(Path file, Clock clock) {
    database = Database.openSqlite(file, clock);
  }

  @Override
  public SqlLedger open(Clock clock, LedgerSettings settings) {
    return SqlLedger.open(database, clock, RandomSource.secure(), settings, LedgerWatch.NONE);
  }

  @Override
  public IdSource ids() {
    return database.ids();
  }

  @Override
  public boolean isShared() {
    return false;
  }

  @Override
  public void execute(String sql) {
    database.write(handle -> handle.execute(sql));
  }

  /// Once with a statement taken back, once with the whole transaction: SQLite does either.
  @Override
  public void fault(String step, String when) {
    if (step.equals("COMMIT")) {
      execute("CREATE TABLE parent (id INTEGER PRIMARY KEY)");
      execute(
          "CREATE TABLE child (id INTEGER REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED)");
      execute("CREATE TRIGGER fault AFTER UPDATE ON fence BEGIN INSERT INTO child VALUES (1); END");
    } else {
      String condition = when.isEmpty() ? "" : " WHEN " + when;
      String how = step.startsWith("AFTER") ? "ROLLBACK" : "ABORT";
      execute(
          "CREATE TRIGGER fault %s%s BEGIN SELECT RAISE(%s, 'injected'); END"
              .formatted(step, condition, how));
    }
  }

  @Override
  public void mend() {
    execute("DROP TRIGGER fault");
  }

  @Override
  public Stall stall(String... sql) {
    CountDownLatch stalled = new CountDownLatch(1);
    CountDownLatch over = new CountDownLatch(1);
    var done =
        database.writeLater(
            handle -> {
              List.of(sql).forEach(handle::execute);
              stalled.countDown();
              await(over);
              return true;
            });
    await(stalled);
    return () -> {
      over.countDown();
      done.join();
    };
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    database.close();
  }
}
