package faregate.cli;

import java.io.PrintWriter;
import java.util.Map;
import picocli.CommandLine.Command;
import tools.jackson.databind.JsonNode;

/// Lets the running server read its configuration and the catalogue again.
@Command(
    name = "reload",
    description = "Lets the running server read its configuration and the catalogue again.")
final class ReloadCommand extends AskCommand {
  @Override
  String operation() {
    return "reload";
  }

  @Override
  boolean mayBeFirst() {
    return true;
  }

  @Override
  Map<String, Object> arguments() {
    return Map.of();
  }

  @Override
  void show(JsonNode answer, PrintWriter out) {
    out.println(
        "Reloaded: %d models, %d of them live."
            .formatted(answer.path("models").longValue(), answer.path("live").longValue()));
  }
}
