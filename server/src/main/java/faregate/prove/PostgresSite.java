package faregate.prove;

import faregate.kit.Clock;
import faregate.kit.RandomSource;
import faregate.kit.Secret;
import faregate.kit.SettingsException;
import faregate.store.Database;
import faregate.store.NodeSettings;
import faregate.store.PostgresSettings;
import faregate.store.PostgresUrl;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A PostgreSQL database that all gateways share, behind a proxy that harms their connections.
///
/// What is written there is in schemas of the proof's own. A server that is not ours is left alive,
/// and as empty as it was.
final class PostgresSite implements Site {
  private static final Logger LOG = LoggerFactory.getLogger(PostgresSite.class);
  private static final long GRACE_BEYOND_DEATH_MILLIS = 9_000;

  private final Endpoint endpoint;
  private final NodeSettings times;
  private final @Nullable PostgresServer server;
  private final TcpProxy proxy;
  private @Nullable Connection reserved;

  private PostgresSite(Endpoint endpoint, NodeSettings times, @Nullable PostgresServer server) {
    this.endpoint = endpoint;
    this.times = times;
    this.server = server;
    try {
      this.proxy = new TcpProxy(endpoint.host(), endpoint.port());
    } catch (IOException e) {
      throw new UncheckedIOException("a proxy before the database cannot be started", e);
    }
  }

  /// On a server of its own, which it kills now and then.
  static PostgresSite own(PostgresServer server, NodeSettings times) {
    return new PostgresSite(Endpoint.of(PostgresUrl.parse(server.url())), times, server);
  }

  /// On somebody's server.
  ///
  /// @throws SettingsException when the URL is not understood
  static PostgresSite at(Secret url, NodeSettings times) {
    try {
      return new PostgresSite(Endpoint.of(PostgresUrl.parse(url)), times, null);
    } catch (IllegalArgumentException e) {
      throw new SettingsException("--database: " + e.getMessage() + ".");
    }
  }

  @Override
  public void begin() throws InterruptedException {
    if (server != null) {
      server.make();
      server.start();
    }
    try {
      Connection connection = look();
      reserved = connection;
      if (!SchemaSql.reserve(connection)) {
        release();
        throw new ProofException(
            "another proof runs in " + endpoint.shown() + ". Wait for it, or name another.");
      }
      refuseStrangers(connection);
      SchemaSql.make(connection);
    } catch (SQLException e) {
      throw new ProofException(
          "the database " + endpoint.shown() + " cannot be used: " + e.getMessage(), e);
    }
  }

  private void refuseStrangers(Connection connection) throws SQLException {
    Optional<String> stranger = SchemaSql.stranger(connection);
    if (stranger.isPresent()) {
      release();
      throw new SettingsException(
          "The database %s is not empty: it has the table %s. The proof wants one that nobody else uses: CREATE DATABASE proof, and name that."
              .formatted(endpoint.shown(), stranger.get()));
    }
  }

  /// Nothing of what is in the database is ours from here on.
  private void release() throws SQLException {
    if (reserved != null) {
      reserved.close();
      reserved = null;
    }
  }

  @Override
  public String configuration() {
    return """
    nodes:
      beat: %dms
      silence: %dms
      dead: %dms
    """
        .formatted(times.beat().toMillis(), times.silence().toMillis(), times.dead().toMillis());
  }

  @Override
  public Map<String, String> environment() {
    PostgresUrl url = endpoint.through(proxy.port());
    Map<String, String> variables = new HashMap<>();
    variables.put("FAREGATE_DATABASE_URL", url.jdbc());
    url.user().ifPresent(user -> variables.put("FAREGATE_DATABASE_USER", user));
    url.password()
        .ifPresent(password -> variables.put("FAREGATE_DATABASE_PASSWORD", password.reveal()));
    return variables;
  }

  @Override
  public Database open(Clock clock, RandomSource random) {
    return Database.openPostgres(
        PostgresSettings.of(endpoint.direct()).withNodes(times), clock, random);
  }

  @Override
  public Connection look() throws SQLException {
    PostgresUrl url = endpoint.direct();
    Properties login = new Properties();
    url.user().ifPresent(user -> login.setProperty("user", user));
    url.password().ifPresent(password -> login.setProperty("password", password.reveal()));
    return DriverManager.getConnection(url.jdbc(), login);
  }

  @Override
  public void shift(long micros) {
    try (Connection own = look()) {
      SchemaSql.shift(own, micros);
    } catch (SQLException e) {
      throw new ProofException("the database's clock cannot be set", e);
    }
  }

  @Override
  public long deathMillis() {
    return times.dead().toMillis();
  }

  @Override
  public long graceMillis() {
    return deathMillis() + GRACE_BEYOND_DEATH_MILLIS;
  }

  @Override
  public Optional<Harm> harm() {
    return Optional.of(new HarmByProxy(proxy, server));
  }

  @Override
  public void close() {
    proxy.close();
    if (server != null) {
      server.close();
    } else if (reserved != null) {
      sweep();
    }
  }

  private void sweep() {
    try (Connection own = look()) {
      SchemaSql.drop(own);
      release();
    } catch (SQLException e) {
      LOG.error("the proof's schemas are left in {}: {}", endpoint.shown(), e.getMessage());
    }
  }
}
