package faregate.bench;

import faregate.id.WalletId;
import faregate.kit.Clock;
import faregate.ledger.LotKind;
import faregate.ledger.SqlLedger;
import faregate.store.Database;
import java.nio.file.Path;
import java.util.List;

/// The ledger without a network, in a file: clients that hold and settle, all on one wallet. Prints
/// one line of JSON.
final class LedgerAlone {
  private LedgerAlone() {}

  /// @param arguments folder, clients, seconds to warm up, seconds to measure
  static void main(String[] arguments) throws Exception {
    Path file = Path.of(arguments[0]).resolve("ledger-alone.db");
    Clock clock = Clock.system();
    try (Database database = Database.openSqlite(file, clock);
        SqlLedger ledger = SqlLedger.open(database, clock)) {
      WalletId wallet = new WalletId(database.ids().next());
      Pairs.grant(ledger, wallet, LotKind.PURCHASED, "bench");
      new Pairs(ledger, database.ids(), List.of(wallet), Pairs.Kind.PLAIN)
          .run(
              Integer.parseInt(arguments[1]),
              Integer.parseInt(arguments[2]),
              Integer.parseInt(arguments[3]));
    }
  }
}
