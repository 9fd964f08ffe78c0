package faregate.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A server in a process of its own, from the packed jar.
final class Child implements AutoCloseable {
  private static final Path JAR = Path.of("target/faregate.jar").toAbsolutePath();
  private static final int PATIENCE_SECONDS = 60;

  /// Instead of the packed jar: `-Dfaregate.child.class.path=…`, for trying things out.
  private static final @Nullable String CLASS_PATH =
      System.getProperty("faregate.child.class.path");

  private final Process process;
  private final List<String> lines = new ArrayList<>();

  private Child(Process process) {
    this.process = process;
  }

  /// Waits until it is ready, or has ended.
  static Child start(String... args) throws IOException {
    return start(Map.of(), args);
  }

  /// @param environment beside that of this process
  static Child start(Map<String, String> environment, String... args) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                // Under nohup the signal would be ignored, and nobody could try it.
                "env",
                "--default-signal=HUP",
                ProcessHandle.current().info().command().orElseThrow(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Xmx512m",
                "-XX:TieredStopAtLevel=1"));
    command.addAll(
        CLASS_PATH == null
            ? List.of("-jar", JAR.toString())
            : List.of("-cp", CLASS_PATH, Main.class.getName()));
    command.addAll(List.of(args));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(environment);
    Child child = new Child(builder.start());
    child.readUntilReady();
    return child;
  }

  private void readUntilReady() throws IOException {
    BufferedReader out = process.inputReader();
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      lines.add(line);
      if (line.startsWith("ready ")) {
        Thread.ofVirtual().start(() -> out.lines().forEach(_ -> {}));
        return;
      }
    }
  }

  /// What it printed until it was ready or ended.
  String output() {
    return String.join("\n", lines);
  }

  /// The line that starts so, without its start.
  String line(String start) {
    return lines.stream()
        .filter(line -> line.startsWith(start))
        .map(line -> line.substring(start.length()))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no line '" + start + "' in:\n" + output()));
  }

  String url() {
    return line("ready ");
  }

  void signal(String name) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
  }

  int exitCode() throws InterruptedException {
    if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      throw new AssertionError("the server did not leave within " + PATIENCE_SECONDS + " s");
    }
    return process.exitValue();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
