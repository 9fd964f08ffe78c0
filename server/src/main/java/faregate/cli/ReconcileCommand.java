package faregate.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/// A month of one provider: its bill against our charges. Exit code 1 when a difference is
/// unexplained.
@Command(
    name = "reconcile",
    description = {
      "Compares a month of one provider, its bill against our charges, line by line.",
      "Exit code 1 when a difference is unexplained."
    })
final class ReconcileCommand extends AskCommand {
  private static final int LINES_SHOWN = 50;

  @Option(names = "--provider", required = true, paramLabel = "NAME", description = "Which one.")
  private String provider = "";

  @Option(names = "--month", paramLabel = "YYYY-MM", description = "Default: this month (UTC).")
  private @Nullable String month;

  @Option(
      names = "--bill",
      paramLabel = "FILE.csv",
      description = {
        "The provider's bill: a CSV with the columns request_id and nano_usd or usd.",
        "Default: what its billing endpoint told."
      })
  private @Nullable Path bill;

  @Override
  String operation() {
    return "reconcile";
  }

  @Override
  Map<String, Object> arguments() {
    Map<String, Object> arguments = new HashMap<>();
    arguments.put("provider", provider);
    if (month != null) {
      arguments.put("month", month);
    }
    if (bill != null) {
      arguments.put("bill", bill.toAbsolutePath().toString());
    }
    return arguments;
  }

  @Override
  void show(JsonNode answer, PrintWriter out) {
    out.println(
        "%s, %s: charged $%s in %d calls (the operator's loss on top: $%s; %d calls with callers' own keys apart)."
            .formatted(
                answer.path("provider").stringValue(),
                answer.path("month").stringValue(),
                answer.path("ours_usd").stringValue(),
                answer.path("calls").longValue(),
                answer.path("loss_usd").stringValue(),
                answer.path("byok_calls").longValue()));
    out.println(
        "Billed $%s in %d lines (%s). Difference $%s, unexplained $%s."
            .formatted(
                answer.path("theirs_usd").stringValue(),
                answer.path("their_lines").longValue(),
                answer.path("source").stringValue(),
                answer.path("difference_usd").stringValue(),
                answer.path("unexplained_usd").stringValue()));
    if (!answer.path("lines").isEmpty()) {
      why(answer.path("why"), out);
      lines(answer.path("lines"), out);
    }
  }

  private static void why(JsonNode why, PrintWriter out) {
    Table table = new Table("  WHY", "LINES", "DIFFERENCE USD");
    why.properties()
        .forEach(
            each ->
                table.row(
                    "  " + each.getKey(),
                    each.getValue().path("lines").asString(),
                    each.getValue().path("difference_usd").stringValue()));
    table.print(out);
  }

  private static void lines(JsonNode lines, PrintWriter out) {
    Table table = new Table("  REQUEST", "CALL", "OURS", "THEIRS", "DIFFERENCE", "WHY");
    int shown = Math.min(LINES_SHOWN, lines.size());
    for (int at = 0; at < shown; at++) {
      JsonNode line = lines.get(at);
      table.row(
          "  " + line.path("request").stringValue(),
          line.path("call").isNull() ? "-" : line.path("call").stringValue(),
          line.path("ours_nano_usd").asString(),
          line.path("theirs_nano_usd").asString(),
          line.path("difference_nano_usd").asString(),
          line.path("why").stringValue());
    }
    table.print(out);
    out.println("Amounts of lines are nano-USD.");
    if (lines.size() > shown) {
      out.println("%d more lines: --json shows all.".formatted(lines.size() - shown));
    }
  }

  @Override
  int exitCode(JsonNode answer) {
    return answer.path("unexplained_nano_usd").longValue() == 0 ? 0 : 1;
  }
}
