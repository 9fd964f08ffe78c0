package faregate.prove;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// One gateway: a process that is started, killed, stopped and started again.
final class Gateway implements AutoCloseable {
  private static final int START_SECONDS_MAX = 90;
  private static final int STOP_SECONDS_MAX = 30;
  private static final String READY = "ready ";

  private final int number;
  private final Path data;
  private final Path shift;
  private final Path log;
  private final String sabotage;
  private final Map<String, String> variables;
  private @Nullable Process process;
  private volatile @Nullable String url;

  /// @param data its folder, which holds its configuration
  /// @param variables of its environment
  Gateway(int number, Path data, Path shift, String sabotage, Map<String, String> variables) {
    this.number = number;
    this.data = data;
    this.shift = shift;
    this.sabotage = sabotage;
    this.variables = variables;
    this.log = data.resolve("log");
  }

  int number() {
    return number;
  }

  Path data() {
    return data;
  }

  Path log() {
    return log;
  }

  /// Where it serves; null while it does not.
  @Nullable String url() {
    return url;
  }

  /// Starts it and waits until it serves.
  ///
  /// @throws ProofException when it does not
  void start() throws InterruptedException {
    launch();
    await();
  }

  /// Starts it.
  synchronized void launch() {
    try {
      process = Program.gateway(shift, sabotage, data, log, variables);
    } catch (IOException e) {
      throw new ProofException("gateway " + (number + 1) + " cannot be started", e);
    }
  }

  /// Waits until it serves.
  ///
  /// @throws ProofException when it does not
  synchronized void await() throws InterruptedException {
    url = ready(Objects.requireNonNull(process, "nothing was launched"));
  }

  private String ready(Process started) throws InterruptedException {
    CompletableFuture<String> address = new CompletableFuture<>();
    Thread.ofVirtual().name("proof-gateway-" + number).start(() -> read(started, address));
    try {
      return address.get(START_SECONDS_MAX, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      started.destroyForcibly();
      throw new ProofException(
          "gateway %d did not come up within %d s; its log is %s"
              .formatted(number + 1, START_SECONDS_MAX, log),
          e);
    }
  }

  /// Reads what it prints, to its end, so that it never waits for a reader.
  private static void read(Process started, CompletableFuture<String> address) {
    try (BufferedReader out = started.inputReader()) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        if (line.startsWith(READY)) {
          address.complete(line.substring(READY.length()));
        }
      }
      address.completeExceptionally(new ProofException("it left before it was ready"));
    } catch (IOException e) {
      address.completeExceptionally(new UncheckedIOException(e));
    }
  }

  /// kill -9.
  synchronized void kill() throws InterruptedException {
    url = null;
    Process running = process;
    if (running != null) {
      running.destroyForcibly().waitFor();
      process = null;
    }
  }

  /// Stops it where it stands, as a machine that hangs.
  void freeze() throws InterruptedException {
    signal("STOP");
  }

  /// Lets it go on.
  void thaw() throws InterruptedException {
    signal("CONT");
  }

  private void signal(String name) throws InterruptedException {
    Process running = process;
    if (running == null) {
      return;
    }
    try {
      new ProcessBuilder("kill", "-" + name, Long.toString(running.pid())).start().waitFor();
    } catch (IOException e) {
      throw new ProofException("the signal " + name + " cannot be sent", e);
    }
  }

  /// Whether the process is there.
  boolean isAlive() {
    Process running = process;
    return running != null && running.isAlive();
  }

  /// Asks it to leave in order.
  synchronized void stop() throws InterruptedException {
    url = null;
    Process running = process;
    if (running != null) {
      running.destroy();
      if (!running.waitFor(STOP_SECONDS_MAX, TimeUnit.SECONDS)) {
        running.destroyForcibly().waitFor();
      }
      process = null;
    }
  }

  @Override
  public void close() {
    Process running = process;
    if (running != null) {
      running.destroyForcibly();
    }
  }
}
