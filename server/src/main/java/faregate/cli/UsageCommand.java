package faregate.cli;

import java.io.PrintWriter;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/// What was spent this month, on what, and what is left.
@Command(name = "usage", description = "Says what was spent this month, on what, and what is left.")
final class UsageCommand extends AskCommand {
  @Option(names = "--user", paramLabel = "NAME", description = "Only of this user.")
  private @Nullable String user;

  @Override
  String operation() {
    return "usage";
  }

  @Override
  Map<String, Object> arguments() {
    return user == null ? Map.of() : Map.of("user", user);
  }

  @Override
  void show(JsonNode answer, PrintWriter out) {
    for (JsonNode each : answer) {
      out.println(
          "%s (%s tier): spent $%s in %d requests since %s, $%s left, $%s of it held; the month resets on %s."
              .formatted(
                  each.path("user").stringValue(),
                  each.path("tier").stringValue(),
                  each.path("cost_usd").stringValue(),
                  each.path("requests").longValue(),
                  each.path("from").stringValue(),
                  each.path("left_usd").stringValue(),
                  each.path("held_usd").stringValue(),
                  each.path("resets").stringValue()));
      if (!each.path("offers").isEmpty()) {
        offers(each.path("offers"), out);
      }
    }
  }

  private static void offers(JsonNode offers, PrintWriter out) {
    Table table = new Table("  MODEL", "PROVIDER", "REQUESTS", "INPUT", "OUTPUT", "COST USD");
    for (JsonNode offer : offers) {
      table.row(
          "  " + offer.path("model").stringValue(),
          offer.path("provider").stringValue(),
          offer.path("requests").asString(),
          offer.path("input_tokens").asString(),
          offer.path("output_tokens").asString(),
          offer.path("cost_usd").stringValue());
    }
    table.print(out);
  }
}
