package faregate.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The product under load: started by its own launcher, with a user, a token and credit made by its
/// own commands.
final class Gateway {
  private static final String USER = "bench";
  private static final String POOR = "poor";
  private static final String CREDIT_USD = "1000000";
  private static final int COMMAND_SECONDS_MAX = 60;

  private final Path launcher;
  private final Path data;
  private final Path errors;
  private final Path configuration;

  /// @param data an empty folder
  /// @param upstreamPort where the bench's provider listens
  Gateway(Path launcher, Path data, int upstreamPort) {
    this(launcher, data, upstreamPort, "");
  }

  /// @param further lines of configuration
  Gateway(Path launcher, Path data, int upstreamPort, String further) {
    this.launcher = launcher;
    this.data = data;
    this.errors = data.resolve("gateway.log");
    this.configuration = data.resolve("bench.yaml");
    try {
      Files.writeString(configuration, configuration(upstreamPort) + further);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String configuration(int upstreamPort) {
    return """
    providers:
      bench:
        base_url: http://127.0.0.1:%d/v1
        key: bench
        models:
          - id: %s
            provider_model: bench-model
            input_usd_per_mtok: 1
            output_usd_per_mtok: 10
            context_tokens: 65536
            max_output_tokens: 16384
    """
        .formatted(upstreamPort, Contestant.MODEL);
  }

  Path configuration() {
    return configuration;
  }

  /// Makes a user with credit for the whole run, and a token.
  ///
  /// @return its secret
  String token() {
    command("user", "create", USER);
    command("grant", "--user", USER, "--usd", CREDIT_USD);
    return command("token", "create", "--user", USER).strip();
  }

  /// Makes a user of the free tier with nothing but its monthly dime, and a token.
  ///
  /// @return its secret
  String tokenOfPoor() {
    command("user", "create", POOR);
    return command("token", "create", "--user", POOR).strip();
  }

  /// @param port 0 picks one
  Child start(int port) {
    return Child.start("the gateway", errors, line("serve", "--port", Integer.toString(port)));
  }

  /// Waits until it says that it is ready.
  ///
  /// @return the port
  static int port(Child started) {
    return URI.create(started.said("ready ")).getPort();
  }

  /// @return what the command printed
  String command(String... words) {
    return Child.run(line(words), COMMAND_SECONDS_MAX);
  }

  private List<String> line(String... words) {
    List<String> line = new ArrayList<>();
    line.add(launcher.toString());
    line.addAll(List.of(words));
    line.addAll(List.of("--data", data.toString(), "--config", configuration.toString()));
    return line;
  }
}
