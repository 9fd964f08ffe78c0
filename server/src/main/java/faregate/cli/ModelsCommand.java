package faregate.cli;

import java.io.PrintWriter;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/// The catalogue.
@Command(
    name = "models",
    description = "Lists models, who offers them, and whether they can be called.")
final class ModelsCommand extends AskCommand {
  @Option(names = "--live", description = "Only what can be called now.")
  private boolean live;

  @Override
  String operation() {
    return "models";
  }

  @Override
  boolean mayBeFirst() {
    return true;
  }

  @Override
  Map<String, Object> arguments() {
    return Map.of("live", live);
  }

  @Override
  void show(JsonNode answer, PrintWriter out) {
    Table table = new Table("MODEL", "PROVIDER", "TASK", "STATUS");
    for (JsonNode offer : answer) {
      table.row(
          offer.path("model").stringValue(),
          offer.path("provider").stringValue(),
          offer.path("task").stringValue(),
          offer.path("status").stringValue());
    }
    table.print(out);
  }
}
