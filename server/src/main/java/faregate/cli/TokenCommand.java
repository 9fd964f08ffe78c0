package faregate.cli;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/// Tokens.
@Command(
    name = "token",
    description = "Makes, lists, limits and revokes access tokens.",
    mixinStandardHelpOptions = true,
    subcommands = {
      TokenCommand.Create.class,
      TokenCommand.Listing.class,
      TokenCommand.Revoke.class,
      TokenCommand.Payer.class,
      TokenCommand.Limit.class
    })
final class TokenCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "Say what to do with tokens: create, list, limit, revoke or payer");
  }

  /// Prints the new token and nothing else, so that scripts can take it.
  @Command(name = "create", description = "Makes a token and prints it. It is shown only now.")
  static final class Create extends AskCommand {
    @Option(names = "--user", paramLabel = "NAME", required = true, description = "Whose it is.")
    private String user;

    @Option(
        names = "--permission",
        paramLabel = "NAME",
        split = ",",
        description =
            "What it may do; may be repeated (default: inference.serverless.write and"
                + " user.billing.read).")
    private List<String> permissions = List.of();

    @Option(
        names = "--expires",
        paramLabel = "WHEN",
        description = "12h, 30d, 2027-01-31, an instant, or never (default).")
    private @Nullable String expires;

    @Option(names = "--name", paramLabel = "TEXT", description = "To tell it apart in lists.")
    private @Nullable String name;

    @Option(
        names = "--clamp",
        description =
            "Cut requests that ask for more than the wallet has, instead of refusing them.")
    private boolean clamp;

    @Option(
        names = "--requests-per-hour",
        paramLabel = "N",
        description = "How many calls it may make in an hour (default: any number).")
    private int requestsPerHour;

    @Option(
        names = "--org",
        paramLabel = "NAME",
        split = ",",
        description =
            "An organization that it is for; may be repeated (default: the user and all of their"
                + " organizations). Where there is one only, that pays for calls that name nobody.")
    private List<String> organizations = List.of();

    @Option(
        names = "--own",
        description = "It is for the user's own account too; without --org, for that only.")
    private boolean own;

    @Override
    String operation() {
      return "token-create";
    }

    @Override
    boolean mayBeFirst() {
      return true;
    }

    @Override
    Map<String, Object> arguments() {
      Map<String, Object> arguments = new LinkedHashMap<>();
      arguments.put("user", user);
      arguments.put("permissions", permissions);
      arguments.put("organizations", organizations);
      arguments.put("own", own);
      arguments.put("clamp", clamp);
      arguments.put("requests_per_hour", requestsPerHour);
      if (expires != null) {
        arguments.put("expires", expires);
      }
      if (name != null) {
        arguments.put("name", name);
      }
      return arguments;
    }

    @Override
    void show(JsonNode answer, PrintWriter out) {
      out.println(answer.path("token").stringValue());
    }
  }

  /// Without secrets.
  @Command(name = "list", description = "Lists tokens, without their secrets.")
  static final class Listing extends AskCommand {
    @Option(names = "--user", paramLabel = "NAME", description = "Only of this user.")
    private @Nullable String user;

    @Override
    String operation() {
      return "token-list";
    }

    @Override
    Map<String, Object> arguments() {
      return user == null ? Map.of() : Map.of("user", user);
    }

    @Override
    void show(JsonNode answer, PrintWriter out) {
      Table table =
          new Table(
              "ID", "USER", "NAME", "STATE", "EXPIRES", "USED", "AN HOUR", "FOR", "PERMISSIONS");
      for (JsonNode token : answer) {
        table.row(
            token.path("id").stringValue(),
            token.path("user").stringValue(),
            token.path("name").stringValue(),
            token.path("state").stringValue(),
            token.path("expires").asString("never"),
            token.path("used").asString("never"),
            hourly(token),
            token.path("accounts").isEmpty() ? "all" : listed(token.path("accounts")),
            listed(token.path("permissions")));
      }
      table.print(out);
    }
  }

  private static String listed(JsonNode texts) {
    return String.join(",", texts.valueStream().map(JsonNode::stringValue).toList());
  }

  private static String hourly(JsonNode token) {
    int limit = token.path("requests_per_hour").intValue(0);
    return limit == 0 ? "any" : Integer.toString(limit);
  }

  /// Felt within a second.
  @Command(name = "limit", description = "Bounds how many calls a token may make in an hour.")
  static final class Limit extends AskCommand {
    @Parameters(paramLabel = "ID", description = "As `token list` shows it.")
    private String id;

    @Option(
        names = "--requests-per-hour",
        paramLabel = "N",
        required = true,
        description = "How many; 0 for any number.")
    private int requestsPerHour;

    @Override
    String operation() {
      return "token-limit";
    }

    @Override
    Map<String, Object> arguments() {
      return Map.of("id", id, "requests_per_hour", requestsPerHour);
    }

    @Override
    void show(JsonNode answer, PrintWriter out) {
      out.println(
          "Token %s (%s) may make %s calls an hour."
              .formatted(
                  answer.path("id").stringValue(),
                  answer.path("name").stringValue(),
                  hourly(answer)));
    }
  }

  /// Felt within a second.
  @Command(name = "revoke", description = "Ends a token for good.")
  static final class Revoke extends AskCommand {
    @Parameters(paramLabel = "ID", description = "As `token list` shows it.")
    private String id;

    @Override
    String operation() {
      return "token-revoke";
    }

    @Override
    Map<String, Object> arguments() {
      return Map.of("id", id);
    }

    @Override
    void show(JsonNode answer, PrintWriter out) {
      out.println(
          "Revoked token %s (%s) of %s."
              .formatted(
                  answer.path("id").stringValue(),
                  answer.path("name").stringValue(),
                  answer.path("user").stringValue()));
    }
  }

  /// What a request names by `X-HF-Bill-To` goes first.
  @Command(
      name = "payer",
      description = "Sets who pays for a token's calls that name nobody: an organization.")
  static final class Payer extends AskCommand {
    @Parameters(index = "0", paramLabel = "ID", description = "As `token list` shows it.")
    private String id;

    @Parameters(
        index = "1",
        arity = "0..1",
        paramLabel = "PAYER",
        description = "An organization or the id of a resource group (default: the user itself).")
    private @Nullable String payer;

    @Override
    String operation() {
      return "token-payer";
    }

    @Override
    Map<String, Object> arguments() {
      Map<String, Object> arguments = new LinkedHashMap<>(Map.of("id", id));
      if (payer != null) {
        arguments.put("payer", payer);
      }
      return arguments;
    }

    @Override
    void show(JsonNode answer, PrintWriter out) {
      out.println(
          "Calls of token %s that name nobody are paid by %s."
              .formatted(id, payer == null ? "its user" : payer));
    }
  }
}
