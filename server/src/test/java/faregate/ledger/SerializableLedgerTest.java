package faregate.ledger;

import faregate.store.PostgresServers;
import java.nio.file.Path;

/// The contract on tables in partitions by bucket, every transaction serializable.
class SerializableLedgerTest extends LedgerContract {
  @Override
  LedgerStore store(Path folder, HandClock clock) {
    return PostgresStore.empty(PostgresServers.NEW, Layout.SPREAD_SERIALIZABLE, clock);
  }
}
