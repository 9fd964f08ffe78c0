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

  /// Takes the database file for this process, or joins the nodes on the shared one.
  static Books open(Folder folder, Config config, Footing footing, LedgerWatch watch) {
    Clock clock = footing.clock();
    RandomSource random = footing.random();
    Database database = DatabaseChoice.open(folder, config, clock, random);
    footing.lane().accept(database.lane());
    try {
      SqlLedger ledger = SqlLedger.open(database, clock, random, settings(config), watch);
      Identities identities = new Identities(database, random, clock);
      return new Books(
          database, ledger, identities, new Usage(database, new LedgerFeed(ledger, database)));
    } catch (RuntimeException e) {
      database.close();
      throw e;
    }
  }

  private static LedgerSettings settings(Config config) {
    boolean spread = config.database().url() != null && config.database().distributed();
    return spread ? LedgerSettings.DEFAULT.spread() : LedgerSettings.DEFAULT;
  }

  /// The ledger stops before the database that it writes to. Where holds are left open, another
  /// node has to find them.
  @Override
  public void close() {
    usage.close();
    identities.close();
    ledger.close();
    database.leave(ledger.state().holdsOpen() == 0);
  }
}
