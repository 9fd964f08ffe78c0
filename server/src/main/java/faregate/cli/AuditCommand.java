package faregate.cli;

import java.io.PrintWriter;
import java.util.Map;
import picocli.CommandLine.Command;
import tools.jackson.databind.JsonNode;

/// Proof from the rows that no credit was lost or made. Exit code 0 when it holds, 1 when not.
@Command(
    name = "audit",
    description = "Proves from the rows that no credit was lost or made; exit code 1 when not.")
final class AuditCommand extends AskCommand {
  @Override
  String operation() {
    return "audit";
  }

  @Override
  Map<String, Object> arguments() {
    return Map.of();
  }

  @Override
  void show(JsonNode answer, PrintWriter out) {
    out.println(
        answer.path("clean").booleanValue()
            ? "Clean."
            : "NOT CLEAN: " + answer.path("wrong").asString());
    out.println(
        "%d wallets, %d lots, %d open holds, %d ended calls%s; granted $%s, pending $%s, posted $%s; the operator's loss $%s, exposure $%s."
            .formatted(
                answer.path("wallets").longValue(),
                answer.path("lots").longValue(),
                answer.path("holds").longValue(),
                answer.path("finished").longValue(),
                closed(answer.path("closed").longValue()),
                answer.path("granted_usd").stringValue(),
                answer.path("pending_usd").stringValue(),
                answer.path("posted_usd").stringValue(),
                answer.path("loss_usd").stringValue(),
                answer.path("exposure_usd").stringValue()));
  }

  private static String closed(long calls) {
    return calls == 0 ? "" : " and " + calls + " closed";
  }

  @Override
  int exitCode(JsonNode answer) {
    return answer.path("clean").booleanValue() ? 0 : 1;
  }
}
