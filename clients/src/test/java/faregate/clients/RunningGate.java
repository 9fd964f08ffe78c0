package faregate.clients;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// A Faregate in a process and a data folder of its own, as a user starts it, with a fresh token.
final class RunningGate implements AutoCloseable {
  private static final String READY = "ready ";
  private final Path data;
  private final Process server;
  private final String url;
  private final String token;

  private RunningGate(Path data, Process server, String url, String token) {
    this.data = data;
    this.server = server;
    this.url = url;
    this.token = token;
  }

  static RunningGate start() throws IOException, InterruptedException {
    Path data = Files.createTempDirectory("faregate-clients");
    Process server = faregate(data, "serve", "--port", "0").start();
    String url = untilReady(server);
    run(data, "user", "create", "client", "--tier", "free");
    String token = run(data, "token", "create", "--user", "client").strip();
    run(data, "org", "create", "acme");
    run(data, "org", "member-add", "acme", "client");
    return new RunningGate(data, server, url, token);
  }

  private static ProcessBuilder faregate(Path data, String... arguments) {
    String jar = System.getProperty("faregate.jar", "");
    if (!Files.exists(Path.of(jar))) {
      throw new IllegalStateException("there is no '" + jar + "'; run mvn verify from the root");
    }
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of("--sun-misc-unsafe-memory-access=allow", "-XX:TieredStopAtLevel=1", "-jar", jar));
    command.addAll(Arrays.asList(arguments));
    command.addAll(List.of("--data", data.toString()));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
  }

  private static String untilReady(Process server) throws IOException {
    BufferedReader lines = server.inputReader(StandardCharsets.UTF_8);
    StringBuilder said = new StringBuilder();
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.startsWith(READY)) {
        drain(lines);
        return line.substring(READY.length()).strip();
      }
      said.append(line).append('\n');
    }
    throw new IllegalStateException("faregate ended before it was ready: " + said);
  }

  /// Reads on, so that the server never waits for a reader.
  private static void drain(BufferedReader lines) {
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                while (lines.readLine() != null) {}
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
  }

  private static String run(Path data, String... arguments)
      throws IOException, InterruptedException {
    Process process = faregate(data, arguments).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IllegalStateException(
          "faregate " + String.join(" ", arguments) + " failed: " + said);
    }
    return said;
  }

  String url() {
    return url;
  }

  String token() {
    return token;
  }

  /// Runs `faregate audit` beside the server.
  ///
  /// @throws IllegalStateException with what it said, when the books are wrong
  void audit() throws IOException, InterruptedException {
    run(data, "audit");
  }

  @Override
  public void close() throws IOException {
    server.destroy();
    try {
      if (!server.waitFor(30, TimeUnit.SECONDS)) {
        server.destroyForcibly();
      }
    } catch (InterruptedException e) {
      server.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    try (Stream<Path> files = Files.walk(data)) {
      files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(file -> file.delete());
    }
  }
}
