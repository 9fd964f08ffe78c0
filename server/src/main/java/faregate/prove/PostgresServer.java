package faregate.prove;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A PostgreSQL server of our own, from binaries in a folder: made, killed and started again.
///
/// PostgreSQL refuses to run as root; there it runs in a user namespace of its own, in which it is
/// nobody.
final class PostgresServer implements AutoCloseable {
  private static final int START_SECONDS_MAX = 60;
  private static final long STEP_MILLIS = 100;

  private final Path binaries;
  private final Path data;
  private final Path log;
  private final int port;
  private final List<String> wrapper;
  private @Nullable Process process;

  /// @param binaries holds `bin/postgres` and `bin/initdb`
  /// @param folder where its data goes
  PostgresServer(Path binaries, Path folder) throws IOException, InterruptedException {
    this.binaries = binaries;
    this.data = folder.resolve("postgres");
    this.log = folder.resolve("postgres.log");
    try (ServerSocket free = new ServerSocket(0)) {
      this.port = free.getLocalPort();
    }
    this.wrapper =
        (Integer) Files.getAttribute(folder, "unix:uid") == 0
            ? List.of("unshare", "-U")
            : List.of();
    Process making =
        run(
            "initdb",
            List.of("-D", data.toString(), "-U", "postgres", "-A", "trust", "-E", "UTF8"));
    if (making.waitFor() != 0) {
      throw new ProofException("the database could not be made; see " + log);
    }
  }

  int port() {
    return port;
  }

  /// Starts it and waits until it answers. It refuses while sessions of a killed one still linger;
  /// then it is tried again.
  void start() throws InterruptedException {
    for (int tries = 0; !answers(); tries++) {
      if (tries * STEP_MILLIS > START_SECONDS_MAX * 1_000L) {
        throw new ProofException("PostgreSQL did not come up; see " + log);
      }
      Process running = process;
      if (running == null || !running.isAlive()) {
        process = launched();
      }
      Thread.sleep(STEP_MILLIS);
    }
  }

  private Process launched() {
    try {
      return run(
          "postgres",
          List.of(
              "-D",
              data.toString(),
              "-p",
              Integer.toString(port),
              "-c",
              "listen_addresses=127.0.0.1",
              "-c",
              "unix_socket_directories=",
              "-c",
              "max_connections=200",
              "-c",
              "shared_buffers=64MB"));
    } catch (IOException e) {
      throw new ProofException("PostgreSQL cannot be started; see " + log, e);
    }
  }

  private boolean answers() {
    try (Connection connection = DriverManager.getConnection(url("postgres"))) {
      return connection.isValid(1);
    } catch (SQLException _) {
      return false;
    }
  }

  String url(String database) {
    return "jdbc:postgresql://127.0.0.1:" + port + "/" + database + "?user=postgres";
  }

  private Process run(String program, List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>(wrapper);
    command.add(binaries.resolve("bin").resolve(program).toString());
    command.addAll(arguments);
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
        .start();
  }

  /// kill -9 of the server and of all its sessions.
  void kill() throws InterruptedException {
    Process running = process;
    if (running != null) {
      List<ProcessHandle> sessions = running.descendants().toList();
      running.destroyForcibly();
      sessions.forEach(ProcessHandle::destroyForcibly);
      running.waitFor(START_SECONDS_MAX, TimeUnit.SECONDS);
    }
  }

  @Override
  public void close() {
    try {
      kill();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
