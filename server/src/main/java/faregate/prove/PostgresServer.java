package faregate.prove;

import faregate.kit.FreePort;
import faregate.kit.Secret;
import java.io.IOException;
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
final class PostgresServer implements AutoCloseable {
  private static final int START_SECONDS_MAX = 60;
  private static final long STEP_MILLIS = 100;

  /// Ends the server when the proof itself is killed and cannot do it: its end closes the input.
  private static final String GUARD =
      "cat > /dev/null; [ ! -f \"$0\" ] || kill -9 \"$(head -n 1 \"$0\")\"";

  private final Path binaries;
  private final Path data;
  private final Path log;
  private final int port;
  private List<String> wrapper = List.of();
  private @Nullable Process process;

  /// @param binaries holds `bin/postgres` and `bin/initdb`
  /// @param folder where its data goes
  PostgresServer(Path binaries, Path folder) {
    this.binaries = binaries;
    this.data = folder.resolve("postgres");
    this.log = folder.resolve("postgres.log");
    try {
      this.port = FreePort.find();
    } catch (IOException e) {
      throw new ProofException("there is no free port for a PostgreSQL", e);
    }
  }

  /// Of the database that is always there.
  Secret url() {
    return new Secret("postgresql://postgres@127.0.0.1:" + port + "/postgres");
  }

  /// Makes its files.
  void make() throws InterruptedException {
    try {
      Files.createDirectory(data);
      wrapper = Unprivileged.command(binaries, data);
      Process making =
          run(
              "initdb",
              List.of(
                  "-D",
                  data.toString(),
                  "-U",
                  "postgres",
                  "-A",
                  "trust",
                  "-E",
                  "UTF8",
                  "--locale=C"));
      if (making.waitFor() != 0) {
        throw new ProofException("the database could not be made; see " + log);
      }
      new ProcessBuilder("sh", "-c", GUARD, data.resolve("postmaster.pid").toString())
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .redirectError(ProcessBuilder.Redirect.DISCARD)
          .start();
    } catch (IOException e) {
      throw new ProofException("the database could not be made", e);
    }
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
    String url = "jdbc:postgresql://127.0.0.1:" + port + "/postgres?user=postgres";
    try (Connection connection = DriverManager.getConnection(url)) {
      return connection.isValid(1);
    } catch (SQLException _) {
      return false;
    }
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
