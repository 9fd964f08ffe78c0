package faregate.cli;

import faregate.operator.Wire;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/// A command that asks one operation and shows the answer.
@Command(mixinStandardHelpOptions = true)
abstract class AskCommand implements Callable<Integer> {
  @Mixin private Common common;
  @Spec private CommandSpec spec;

  /// Name of the operation.
  abstract String operation();

  /// What it is asked with; absent values are left out.
  abstract Map<String, Object> arguments();

  /// Shows the answer to people.
  abstract void show(JsonNode answer, PrintWriter out);

  /// The exit code that an answer means.
  int exitCode(JsonNode answer) {
    return 0;
  }

  /// Whether it makes sense before there are any books, so that it may make them.
  boolean mayBeFirst() {
    return false;
  }

  Common common() {
    return common;
  }

  @Override
  public Integer call() throws IOException {
    JsonNode answer = Asking.ask(common, operation(), Wire.tree(arguments()), mayBeFirst());
    PrintWriter out = spec.commandLine().getOut();
    if (common.json()) {
      out.println(Wire.pretty(answer));
    } else {
      show(answer, out);
    }
    out.flush();
    return exitCode(answer);
  }
}
