package faregate.ledger;

import faregate.store.PostgresServers;
import java.nio.file.Path;

/// The contract on a PostgreSQL 15.
class Postgres15LedgerTest extends LedgerContract {
  @Override
  LedgerStore store(Path folder, HandClock clock) {
    return PostgresStore.empty(PostgresServers.OLD, clock);
  }
}
