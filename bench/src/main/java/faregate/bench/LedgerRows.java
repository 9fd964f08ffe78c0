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
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// Brings a PostgreSQL into the state that a round of `bench/ledger` wants.
final class LedgerRows {
  private static final int SECONDS_MAX = 3600;

  private LedgerRows() {}

  /// @param arguments URL, and `wallets COUNT` (numbered from 1), `finished COUNT`, `delay MICROS`
  ///   of each commit, or `checkpoints SECONDS` between two
  static void main(String[] arguments) throws Exception {
    PostgresUrl url = PostgresUrl.parse(new Secret(arguments[0]));
    int number = Integer.parseInt(arguments[2]);
    switch (arguments[1]) {
      case "wallets" -> wallets(url, number);
      case "finished" -> execute(url, finished(number), "VACUUM ANALYZE");
      case "delay" ->
          execute(
              url,
              "ALTER SYSTEM SET commit_siblings = 0",
              "ALTER SYSTEM SET commit_delay = " + number,
              "SELECT pg_reload_conf()");
      case "checkpoints" ->
          execute(
              url,
              "ALTER SYSTEM SET checkpoint_timeout = '" + number + "s'",
              "SELECT pg_reload_conf()");
      default -> throw new IllegalArgumentException("unknown: " + arguments[1]);
    }
  }

  private static void wallets(PostgresUrl url, int count) {
    Clock clock = Clock.system();
    try (Database database =
            Database.openPostgres(PostgresSettings.of(url), clock, RandomSource.secure());
        SqlLedger ledger = SqlLedger.open(database, clock)) {
      List<CompletableFuture<LotId>> made = new ArrayList<>();
      for (long wallet = 1; wallet <= count; wallet++) {
        made.add(Pairs.grantLater(ledger, new WalletId(wallet), LotKind.PURCHASED, "bench"));
      }
      made.forEach(CompletableFuture::join);
    }
  }

  /// Calls of some 300 bytes that ended long ago, in any bucket.
  private static String finished(int count) {
    return """
    INSERT INTO finished (bucket, id, wallet, held, charge, loss, estimated, reason, print, ref,
      legs, facts, ended_at, fence, seq)
    SELECT n %% 256, n, n %% 100000, 2000000, 300000, 0, 0, 'posted', n, 'bench',
      decode(repeat('00', 20), 'hex'), decode(repeat('00', 96), 'hex'), n, 1, n / 32
    FROM generate_series(1, %d) AS n
    """
        .formatted(count);
  }

  private static void execute(PostgresUrl url, String... statements) throws SQLException {
    PostgresSettings settings = PostgresSettings.of(url);
    try (Connection connection =
            DriverManager.getConnection(
                settings.url(),
                settings.user(),
                settings.password() == null ? null : settings.password().reveal());
        Statement statement = connection.createStatement()) {
      statement.setQueryTimeout(SECONDS_MAX);
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }
}
