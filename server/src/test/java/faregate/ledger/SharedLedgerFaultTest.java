package faregate.ledger;

import faregate.store.PostgresServers;
import java.nio.file.Path;

class SharedLedgerFaultTest extends FaultContract {
  @Override
  LedgerStore store(Path folder, HandClock clock) {
    return PostgresStore.empty(PostgresServers.NEW, clock);
  }
}
