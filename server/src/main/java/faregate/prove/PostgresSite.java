package faregate.prove;

import faregate.kit.Clock;
import faregate.kit.RandomSource;
import faregate.kit.Secret;
import faregate.store.Database;
import faregate.store.PostgresSettings;
import faregate.store.PostgresUrl;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/// A PostgreSQL that all gateways share, behind a proxy that harms their connections.
final class PostgresSite implements Site {
  private static final String NAME = "faregate";
  private static final long DEAD_MILLIS = 6_000;
  private static final long GRACE_MILLIS = DEAD_MILLIS + 9_000;

  private final PostgresServer server;
  private final TcpProxy proxy;

  /// Makes a server and an empty database on it.
  ///
  /// @param binaries of PostgreSQL
  PostgresSite(Path binaries, Path folder) throws InterruptedException {
    try {
      this.server = new PostgresServer(binaries, folder);
      server.start();
      this.proxy = new TcpProxy("127.0.0.1", server.port());
      try (Connection first = DriverManager.getConnection(server.url("postgres"))) {
        ShiftSql.make(first, NAME);
      }
      try (Connection own = look()) {
        ShiftSql.prepare(own, NAME);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("PostgreSQL cannot be started", e);
    } catch (SQLException e) {
      throw new ProofException("the database cannot be made", e);
    }
  }

  @Override
  public int nodes() {
    return Integer.MAX_VALUE;
  }

  /// With shorter times than an operator's, so that two minutes see many deaths.
  @Override
  public String configuration() {
    return """
    database:
      url: %s
    nodes:
      beat: 500ms
      silence: 4s
      dead: %dms
    """
        .formatted(url(), DEAD_MILLIS);
  }

  private String url() {
    return "postgresql://postgres@127.0.0.1:" + proxy.port() + "/" + NAME;
  }

  @Override
  public Database open(Clock clock, RandomSource random) {
    return Database.openPostgres(
        PostgresSettings.of(PostgresUrl.parse(new Secret(url()))), clock, random);
  }

  @Override
  public Connection look() throws SQLException {
    return DriverManager.getConnection(server.url(NAME));
  }

  @Override
  public List<String> arguments(Path data) {
    return List.of("--data", data.toString());
  }

  @Override
  public void shift(long micros) {
    try (Connection own = look()) {
      ShiftSql.set(own, micros);
    } catch (SQLException e) {
      throw new ProofException("the database's clock cannot be set", e);
    }
  }

  @Override
  public long graceMillis() {
    return GRACE_MILLIS;
  }

  @Override
  public Optional<Harm> harm() {
    return Optional.of(
        new Harm() {
          @Override
          public boolean kill() throws InterruptedException {
            server.kill();
            server.start();
            return true;
          }

          @Override
          public void cut() {
            proxy.cut();
          }

          @Override
          public void stall(boolean on) {
            proxy.stall(on);
          }

          @Override
          public void delay(int millis) {
            proxy.delay(millis);
          }
        });
  }

  @Override
  public void close() {
    proxy.close();
    server.close();
  }
}
