package faregate.bench;

import faregate.id.LotId;
import faregate.id.WalletId;
import faregate.kit.Clock;
import faregate.kit.RandomSource;
import faregate.kit.Secret;
import faregate.ledger.LotKind;
import faregate.ledger.SqlLedger;
import faregate.store.Database;
import faregate.store.PostgresSettings;
import faregate.store.PostgresUrl;
import java.util.List;
import java.util.stream.LongStream;

/// One node's ledger on a PostgreSQL, without a network: clients that hold and settle. Several of
/// these processes beside each other are several nodes. Prints one line of JSON.
final class LedgerOnPostgres {
  private LedgerOnPostgres() {}

  /// @param arguments URL, clients, seconds to warm up, seconds to measure, how many wallets (those
  ///   numbered from 1), and `plain` or `rich`: three legs, two refusals in a hundred, marks
  static void main(String[] arguments) throws Exception {
    PostgresUrl url = PostgresUrl.parse(new Secret(arguments[0]));
    Clock clock = Clock.system();
    List<WalletId> wallets =
        LongStream.rangeClosed(1, Long.parseLong(arguments[4])).mapToObj(WalletId::new).toList();
    try (Database database =
            Database.openPostgres(PostgresSettings.of(url), clock, RandomSource.secure());
        SqlLedger ledger = SqlLedger.open(database, clock)) {
      boolean rich = arguments[5].equals("rich");
      new Pairs(
              ledger,
              database.ids(),
              wallets,
              rich ? rich(ledger, wallets) : plain(ledger, wallets))
          .run(
              Integer.parseInt(arguments[1]),
              Integer.parseInt(arguments[2]),
              Integer.parseInt(arguments[3]));
    }
  }

  /// The first wallet is made here; many are made by `bench/ledger`, before.
  private static Pairs.Kind plain(SqlLedger ledger, List<WalletId> wallets) {
    Pairs.grant(ledger, wallets.getFirst(), LotKind.PURCHASED, "bench");
    return Pairs.Kind.PLAIN;
  }

  private static Pairs.Kind rich(SqlLedger ledger, List<WalletId> wallets) {
    WalletId wallet = wallets.getFirst();
    Pairs.grant(ledger, wallet, LotKind.PURCHASED, "bench");
    LotId organization = Pairs.grant(ledger, wallet, LotKind.LIMIT, "bench-organization");
    LotId token = Pairs.grant(ledger, wallet, LotKind.LIMIT, "bench-token");
    return new Pairs.Kind(List.of(organization, token), 2, true);
  }
}
