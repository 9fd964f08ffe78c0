package faregate.cli;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/// How much may be spent of an account's wallet in a month.
@Command(
    name = "limit",
    description = {
      "Limits what may be spent of an account's wallet in a month (UTC).",
      "Without one of the options below it limits the whole account."
    })
final class LimitCommand extends AskCommand {
  @Parameters(index = "0", paramLabel = "NAME", description = "The user or organization that pays.")
  private String name;

  @Parameters(
      index = "1",
      paramLabel = "USD",
      description = "A plain number such as 5 or 0.10, or none.")
  private String usd;

  @ArgGroup(exclusive = true)
  private @Nullable Scope scope;

  /// Whose spending is limited.
  static final class Scope {
    @Option(
        names = "--beyond-credit",
        description = "What may be spent beyond all credit: pay-as-you-go, not on the free tier.")
    private boolean beyondCredit;

    @Option(names = "--member", paramLabel = "USER", description = "One member.")
    private @Nullable String member;

    @Option(names = "--group", paramLabel = "GROUP", description = "One resource group.")
    private @Nullable String group;

    @Option(names = "--token", paramLabel = "ID", description = "One token.")
    private @Nullable String token;
  }

  @Override
  String operation() {
    return "limit-set";
  }

  @Override
  Map<String, Object> arguments() {
    Map<String, Object> arguments = new LinkedHashMap<>(Map.of("name", name, "usd", usd));
    Scope of = scope;
    if (of == null) {
      arguments.put("scope", "account");
    } else if (of.member != null) {
      arguments.putAll(Map.of("scope", "member", "subject", of.member));
    } else if (of.group != null) {
      arguments.putAll(Map.of("scope", "group", "subject", of.group));
    } else if (of.token != null) {
      arguments.putAll(Map.of("scope", "token", "subject", of.token));
    } else {
      arguments.put("scope", of.beyondCredit ? "payg" : "account");
    }
    return arguments;
  }

  @Override
  void show(JsonNode answer, PrintWriter out) {
    String amount = answer.path("usd").asString();
    out.println(
        "%s: limit %s is %s."
            .formatted(
                answer.path("name").asString(),
                answer.path("scope").asString(),
                amount.equals("none") ? "none" : "$" + amount + " a month"));
  }
}
