package faregate.cli;

import faregate.identity.Identities;
import faregate.kit.Clock;
import faregate.kit.RandomSource;
import faregate.ledger.LedgerSettings;
import faregate.ledger.LedgerWatch;
import faregate.ledger.SqlLedger;
import faregate.store.Database;
import faregate.usage.Usage;

/// All that is kept in the database: who may call, what they have, what they used.
record Books(Database database, SqlLedger ledger, Identities identities, Usage usage)
    implements AutoCloseable {

  /// Takes the database for this process.
  static Books open(Folder folder, Clock clock, RandomSource random, LedgerWatch watch) {
    Database database = Database.openSqlite(folder.database(), clock);
    try {
      SqlLedger ledger = SqlLedger.open(database, clock, random, LedgerSettings.DEFAULT, watch);
      Identities identities = new Identities(database, random, clock);
      return new Books(database, ledger, identities, new Usage(database, new LedgerFeed(ledger)));
    } catch (RuntimeException e) {
      database.close();
      throw e;
    }
  }

  /// The ledger stops before the database that it writes to.
  @Override
  public void close() {
    usage.close();
    identities.close();
    ledger.close();
    database.close();
  }
}
