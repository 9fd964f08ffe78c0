package faregate.identity;

import faregate.kit.Clock;
import faregate.kit.RandomSource;
import faregate.store.Database;
import faregate.store.PostgresServers;
import java.nio.file.Path;

/// The same on a PostgreSQL.
class PostgresIdentitiesTest extends IdentitiesTest {
  @Override
  Database database(Path temp, Clock time) {
    return Database.openPostgres(
        PostgresServers.shared(PostgresServers.NEW).database(), time, RandomSource.secure());
  }

  @Override
  String stored(Database from, Path temp) {
    return from.read(
        handle ->
            String.join(
                "\n",
                handle.createQuery("SELECT t::text FROM token t").mapTo(String.class).list()));
  }
}
