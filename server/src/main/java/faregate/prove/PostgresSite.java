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
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A PostgreSQL that all gateways share, behind a proxy that harms their connections.
final class PostgresSite implements Site {
  private static final String NAME = "faregate";
  private static final long DEAD_MILLIS = 6_000;
  private static final long GRACE_MILLIS = DEAD_MILLIS + 9_000;

  private final @Nullable PostgresServer server;
  private final PostgresSettings straight;
  private final PostgresSettings proxied;
  private final TcpProxy proxy;

  private PostgresSite(@Nullable PostgresServer server, PostgresUrl url)
      throws IOException, SQLException {
    this.server = server;
    Place place = Place.of(url);
    this.proxy = new TcpProxy(place.host(), place.port());
    this.straight = PostgresSettings.of(url);
    this.proxied = place.through(straight, proxy.port());
    try (Connection own = look()) {
      ShiftSql.prepare(own, place.name());
    }
  }

  /// Makes a server and an empty database on it.
  ///
  /// @param binaries of PostgreSQL
  static PostgresSite own(Path binaries, Path folder) throws InterruptedException {
    try {
      PostgresServer server = new PostgresServer(binaries, folder);
      server.start();
      try (Connection first = DriverManager.getConnection(server.url("postgres"))) {
        ShiftSql.make(first, NAME);
      }
      return new PostgresSite(server, PostgresUrl.parse(new Secret(server.url(NAME))));
    } catch (IOException e) {
      throw new UncheckedIOException("PostgreSQL cannot be started", e);
    } catch (SQLException e) {
      throw new ProofException("the database cannot be made", e);
    }
  }

  /// Takes an empty database of the operator's, whose server is left alive.
  ///
  /// @throws IllegalArgumentException when the URL is not understood
  static PostgresSite at(Secret url) {
    try {
      return new PostgresSite(null, PostgresUrl.parse(url));
    } catch (IOException e) {
      throw new UncheckedIOException("no proxy can be put before the database", e);
    } catch (SQLException e) {
      throw new ProofException(
          "the database cannot be used: it has to be there and empty, and its owner has to ask", e);
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
      url: "%s"
      user: "%s"
      password: "%s"
    nodes:
      beat: 500ms
      silence: 4s
      dead: %dms
    """
        .formatted(
            proxied.url(), Objects.requireNonNullElse(proxied.user(), ""), password(), DEAD_MILLIS)
        // What is empty was not said.
        .replaceAll("(?m)^.*: \"\"\\R", "");
  }

  private String password() {
    Secret password = proxied.password();
    return password == null ? "" : password.reveal();
  }

  @Override
  public Database open(Clock clock, RandomSource random) {
    return Database.openPostgres(proxied, clock, random);
  }

  @Override
  public Connection look() throws SQLException {
    Properties properties = new Properties();
    if (straight.user() != null) {
      properties.setProperty("user", straight.user());
    }
    if (straight.password() != null) {
      properties.setProperty("password", straight.password().reveal());
    }
    return DriverManager.getConnection(straight.url(), properties);
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
            if (server == null) {
              return false;
            }
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
    if (server != null) {
      server.close();
    }
  }

  /// The parts of a URL that the proxy takes the place of.
  private record Place(String host, int port, String name) {
    private static final Pattern FORM =
        Pattern.compile("jdbc:postgresql://([^:/?,]+)(?::(\\d+))?/([^?]+)(\\?.*)?");
    private static final int PORT = 5432;

    static Place of(PostgresUrl url) {
      Matcher form = FORM.matcher(url.jdbc());
      if (!form.matches()) {
        throw new IllegalArgumentException(
            "--database must name one host and a database: postgresql://HOST:5432/NAME");
      }
      return new Place(
          form.group(1),
          form.group(2) == null ? PORT : Integer.parseInt(form.group(2)),
          form.group(3));
    }

    PostgresSettings through(PostgresSettings straight, int proxyPort) {
      return new PostgresSettings(
          "jdbc:postgresql://127.0.0.1:" + proxyPort + "/" + name,
          straight.user(),
          straight.password(),
          straight.connectionsMax(),
          straight.nodes());
    }
  }
}
