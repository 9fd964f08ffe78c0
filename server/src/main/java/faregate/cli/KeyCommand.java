package faregate.cli;

import faregate.kit.Environment;
import faregate.kit.Secret;
import faregate.secret.Keyset;
import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/// Keys that users and organizations have of their own for providers.
@Command(
    name = "key",
    description = {
      "Keys that users and organizations have of their own for providers.",
      "A call at such a provider is billed by it, and costs nothing here."
    },
    mixinStandardHelpOptions = true,
    subcommands = {
      KeyCommand.Set.class,
      KeyCommand.Listing.class,
      KeyCommand.Delete.class,
      KeyCommand.MakeKeyset.class
    })
final class KeyCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "Say what to do with provider keys: set, list, delete or keyset");
  }

  private static void show(String user, JsonNode keys, PrintWriter out) {
    if (keys.isEmpty()) {
      out.println(user + " has no keys.");
      return;
    }
    Table table = new Table("provider", "set at");
    keys.forEach(key -> table.row(key.path("provider").asString(), key.path("set_at").asString()));
    table.print(out);
  }

  /// The key is no argument: those are seen by everybody on the machine, and kept by shells.
  @Command(
      name = "set",
      description = {
        "Sets a key, in place of the one before.",
        "The key is read from standard input, or from a variable."
      })
  static final class Set extends AskCommand {
    @Option(
        names = "--user",
        paramLabel = "NAME",
        required = true,
        description = "The user or organization whose key it is.")
    private String user;

    @Option(
        names = "--provider",
        paramLabel = "NAME",
        required = true,
        description = "As `models` shows it, such as groq.")
    private String provider;

    @Option(
        names = "--from",
        paramLabel = "VARIABLE",
        description = "The environment variable that holds the key (default: standard input).")
    private @Nullable String variable;

    @Spec private CommandSpec self;

    @Override
    String operation() {
      return "key-set";
    }

    @Override
    Map<String, Object> arguments() {
      return Map.of("user", user, "provider", provider, "key", key());
    }

    private String key() {
      String key = variable == null ? typed() : Environment.system().variable(variable);
      if (key == null || key.isBlank()) {
        throw new ParameterException(
            self.commandLine(),
            variable == null
                ? "There is no key on standard input: pipe it in, as in `faregate key set … < FILE`"
                : "The variable " + variable + " is not set");
      }
      return key.strip();
    }

    /// By a person, unseen; else as it is piped in. Without a terminal there is no console: what
    /// the compiler's check says of newer JDKs holds for another implementation than the default
    /// one.
    @SuppressWarnings("SystemConsoleNull")
    private static @Nullable String typed() {
      Console console = System.console();
      if (console != null && console.isTerminal()) {
        char[] key = console.readPassword("Key: ");
        return key == null ? null : new String(key);
      }
      try {
        return new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))
            .readLine();
      } catch (IOException e) {
        throw new UncheckedIOException("standard input cannot be read", e);
      }
    }

    @Override
    void show(JsonNode answer, PrintWriter out) {
      KeyCommand.show(answer.path("user").asString(), answer.path("keys"), out);
    }
  }

  /// Without the keys themselves.
  @Command(name = "list", description = "Shows for which providers there are keys.")
  static final class Listing extends AskCommand {
    @Option(
        names = "--user",
        paramLabel = "NAME",
        required = true,
        description = "The user or organization whose keys they are.")
    private String user;

    @Override
    String operation() {
      return "key-list";
    }

    @Override
    Map<String, Object> arguments() {
      return Map.of("user", user);
    }

    @Override
    void show(JsonNode answer, PrintWriter out) {
      KeyCommand.show(answer.path("user").asString(), answer.path("keys"), out);
    }
  }

  /// From then on calls there are paid by credit.
  @Command(name = "delete", description = "Deletes a key; the next call is without it.")
  static final class Delete extends AskCommand {
    @Option(
        names = "--user",
        paramLabel = "NAME",
        required = true,
        description = "The user or organization whose key it is.")
    private String user;

    @Option(
        names = "--provider",
        paramLabel = "NAME",
        required = true,
        description = "As `key list` shows it.")
    private String provider;

    @Override
    String operation() {
      return "key-delete";
    }

    @Override
    Map<String, Object> arguments() {
      return Map.of("user", user, "provider", provider);
    }

    @Override
    void show(JsonNode answer, PrintWriter out) {
      out.println(
          (answer.path("had").asBoolean()
                  ? "Deleted the key of %s for %s."
                  : "%s has no key for %s.")
              .formatted(answer.path("user").asString(), answer.path("provider").asString()));
    }

    @Override
    int exitCode(JsonNode answer) {
      return answer.path("had").asBoolean() ? 0 : 1;
    }
  }

  /// For several nodes on one database.
  @Command(
      name = "keyset",
      description = {
        "Prints a new keyset, which encrypts keys: all nodes of a shared database need the same.",
        "Start each with it in FAREGATE_KEYSET. Whoever has it and the database has the keys."
      },
      mixinStandardHelpOptions = true)
  static final class MakeKeyset implements Callable<Integer> {
    @Mixin private Common common;
    @Spec private CommandSpec self;

    @Override
    public Integer call() {
      Secret keyset = Keyset.fresh();
      PrintWriter out = Objects.requireNonNull(self.commandLine().getOut());
      out.println(common.json() ? "{\"keyset\":\"" + keyset.reveal() + "\"}" : keyset.reveal());
      out.flush();
      return 0;
    }
  }
}
