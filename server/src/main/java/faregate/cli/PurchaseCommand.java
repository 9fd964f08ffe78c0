package faregate.cli;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/// Credit that was paid for, and payments that were taken back.
@Command(
    name = "purchase",
    description = {
      "Books credit that somebody paid for; it does not expire.",
      "With --reverse the payment was taken back: what is left of it goes, what was used of it is"
          + " owed, and the next purchase pays that first."
    })
final class PurchaseCommand extends AskCommand {
  @Option(
      names = "--user",
      paramLabel = "NAME",
      required = true,
      description = "The user or organization whose credit it is.")
  private String user;

  @Option(
      names = "--usd",
      paramLabel = "AMOUNT",
      description = "A plain number such as 5 or 0.10, at most nine places.")
  private @Nullable String usd;

  @Option(
      names = "--ref",
      paramLabel = "TEXT",
      required = true,
      description = "The payment's own reference: told twice, it counts once.")
  private String ref;

  @Option(names = "--reverse", description = "The payment was taken back.")
  private boolean reverse;

  @Spec private CommandSpec self;

  @Override
  String operation() {
    return reverse ? "purchase-reverse" : "purchase";
  }

  @Override
  Map<String, Object> arguments() {
    if (reverse == (usd != null)) {
      throw new ParameterException(
          self.commandLine(),
          reverse
              ? "A reversal takes back the whole purchase: leave out --usd"
              : "Say how much was paid: --usd AMOUNT");
    }
    Map<String, Object> arguments = new LinkedHashMap<>(Map.of("user", user, "ref", ref));
    if (usd != null) {
      arguments.put("usd", usd);
    }
    return arguments;
  }

  @Override
  void show(JsonNode answer, PrintWriter out) {
    boolean repeated = answer.path("repeated").booleanValue();
    out.println(
        "%s %s: $%s left, $%s owed.%s"
            .formatted(
                reverse ? "Reversed" : "Booked",
                answer.path("ref").asString(),
                answer.path("left_usd").asString(),
                answer.path("debt_usd").asString(),
                repeated ? " It had been done before; nothing changed." : ""));
  }
}
