package faregate.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A program that runs beside us, until it is closed. Its errors go to a file under the bench's own
/// folder, or to ours.
final class Child implements AutoCloseable {
  private static final long CLOSE_SECONDS_MAX = 45;
  private static final long KILL_SECONDS_MAX = 5;

  private final Process process;
  private final BufferedReader out;
  private final String name;
  private final Path errors;

  private Child(String name, Path errors, Process process) {
    this.name = name;
    this.errors = errors;
    this.process = process;
    this.out = process.inputReader(StandardCharsets.UTF_8);
  }

  /// @param errors the file for its standard error
  static Child start(String name, Path errors, List<String> command) {
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.to(errors.toFile()));
    try {
      return new Child(name, errors, builder.start());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start " + name + ": " + e.getMessage(), e);
    }
  }

  long pid() {
    return process.pid();
  }

  /// Reads its output up to a line that begins so.
  ///
  /// @return what stands behind it
  /// @throws IllegalStateException when the program ends without saying it
  String said(String beginning) {
    try {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        if (line.startsWith(beginning)) {
          return line.substring(beginning.length()).strip();
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    throw new IllegalStateException(
        name + " ended without saying '" + beginning + "': " + complaints());
  }

  private String complaints() {
    try {
      return Files.readString(errors);
    } catch (IOException e) {
      return e.toString();
    }
  }

  /// Waits for its end.
  ///
  /// @return all that it printed
  static String run(List<String> command, long secondsMax) {
    try {
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      process.getOutputStream().close();
      String printed;
      try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
        printed = String.join("\n", out.lines().toList());
      }
      if (!process.waitFor(secondsMax, TimeUnit.SECONDS) || process.exitValue() != 0) {
        process.destroyForcibly();
        throw new IllegalStateException(String.join(" ", command) + " failed: " + printed);
      }
      return printed;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException("interrupted", e);
    }
  }

  /// Asks it to end, and makes it end when it does not.
  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(CLOSE_SECONDS_MAX, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor(KILL_SECONDS_MAX, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
