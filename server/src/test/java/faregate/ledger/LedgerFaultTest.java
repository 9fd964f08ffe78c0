package faregate.ledger;

import faregate.kit.Clock;
import java.nio.file.Path;

class LedgerFaultTest extends FaultContract {
  @Override
  LedgerStore store(Path folder, HandClock clock) {
    return new SqliteStore(folder.resolve("ledger.db"), Clock.system());
  }
}
