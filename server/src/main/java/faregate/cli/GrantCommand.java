package faregate.cli;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/// Credit from the operator's hand.
@Command(name = "grant", description = "Gives a user credit that does not expire.")
final class GrantCommand extends AskCommand {
  @Option(names = "--user", paramLabel = "NAME", required = true, description = "Who gets it.")
  private String user;

  @Option(
      names = "--usd",
      paramLabel = "AMOUNT",
      required = true,
      description = "A plain number such as 5 or 0.10, at most nine places.")
  private String usd;

  @Option(
      names = "--ref",
      paramLabel = "TEXT",
      description = "Makes it idempotent: the same reference gives once (default: a new one).")
  private @Nullable String ref;

  @Override
  String operation() {
    return "grant";
  }

  @Override
  Map<String, Object> arguments() {
    Map<String, Object> arguments = new LinkedHashMap<>(Map.of("user", user, "usd", usd));
    if (ref != null) {
      arguments.put("ref", ref);
    }
    return arguments;
  }

  @Override
  void show(JsonNode answer, PrintWriter out) {
    String what = answer.path("repeated").booleanValue() ? "Was given before: " : "Gave ";
    out.println(
        "%s$%s to %s (reference %s); $%s left."
            .formatted(
                what,
                answer.path("usd").stringValue(),
                answer.path("user").stringValue(),
                answer.path("ref").stringValue(),
                answer.path("left_usd").stringValue()));
  }
}
