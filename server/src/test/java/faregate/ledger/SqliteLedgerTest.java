package faregate.ledger;

import java.nio.file.Path;

/// The contract on a SQLite file.
class SqliteLedgerTest extends LedgerContract {
  @Override
  LedgerStore store(Path folder, HandClock clock) {
    return new SqliteStore(folder.resolve("ledger.db"), clock);
  }
}
