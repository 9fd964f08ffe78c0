package faregate.cli;

import java.io.PrintWriter;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/// What providers may still bill beyond what callers were charged.
@Command(
    name = "exposure",
    description = "Says what providers may still bill beyond what callers were charged, and why.")
final class ExposureCommand extends AskCommand {
  @Option(names = "--month", paramLabel = "YYYY-MM", description = "Default: this month (UTC).")
  private @Nullable String month;

  @Override
  String operation() {
    return "exposure";
  }

  @Override
  Map<String, Object> arguments() {
    return month == null ? Map.of() : Map.of("month", month);
  }

  @Override
  void show(JsonNode answer, PrintWriter out) {
    out.println(
        "%s: at most $%s may still be billed; bounds of $%s are settled by later bills, which were $%s beyond the charges."
            .formatted(
                answer.path("month").stringValue(),
                answer.path("open_usd").stringValue(),
                answer.path("settled_usd").stringValue(),
                answer.path("beyond_usd").stringValue()));
    if (answer.path("lines").isEmpty()) {
      return;
    }
    Table table =
        new Table("CALL", "PROVIDER", "MODEL", "REQUEST", "WHY", "BOUND", "CHARGED", "BILLED");
    for (JsonNode line : answer.path("lines")) {
      table.row(
          line.path("call").stringValue(),
          line.path("provider").stringValue(),
          line.path("model").stringValue(),
          line.path("request").stringValue(),
          line.path("why").stringValue(),
          line.path("bound_nano_usd").asString(),
          line.path("charge_nano_usd").asString(),
          line.path("billed_nano_usd").isNull() ? "-" : line.path("billed_nano_usd").asString());
    }
    table.print(out);
    out.println("Amounts in the table are nano-USD.");
  }
}
