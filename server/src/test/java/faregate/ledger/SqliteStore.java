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
