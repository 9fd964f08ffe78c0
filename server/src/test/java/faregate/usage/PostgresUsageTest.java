package faregate.usage;

import faregate.store.Database;
import faregate.store.PostgresServers;
import java.nio.file.Path;

/// The same on a PostgreSQL.
class PostgresUsageTest extends UsageTest {
  @Override
  Database database(Path temp) {
    return PostgresServers.open(PostgresServers.shared(PostgresServers.NEW).database());
  }
}
