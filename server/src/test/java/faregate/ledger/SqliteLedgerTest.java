package faregate.ledger;

import faregate.kit.Clock;
import java.nio.file.Path;

/// The contract on a SQLite file.
class SqliteLedgerTest extends LedgerContract {
  @Override
  LedgerStore store(Path folder, Clock clock) {
    return new SqliteStore(folder.resolve("ledger.db"), clock);
  }
}
