package faregate.prove;

import faregate.kit.OwnProgram;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Starts more processes of this program.
final class Program {
  private static final String NODE = "faregate.cli.ProofNode";
  private static final String COMMANDS = "faregate.cli.Main";

  /// Small, so that several fit beside each other on a small machine.
  private static final List<String> OPTIONS =
      List.of("-Xmx192m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

  private Program() {}

  /// A gateway of the proof: the product, with a clock that can be set, and broken where asked for.
  ///
  /// @param variables of its environment: the proof's, and nothing that configures or pays for
  ///   anything else
  static Process gateway(
      Path shift, String sabotage, Path data, Path log, Map<String, String> variables)
      throws IOException {
    List<String> command = new ArrayList<>(OwnProgram.command(OPTIONS, NODE));
    command.addAll(
        List.of(shift.toString(), sabotage, "serve", "--port", "0", "--data", data.toString()));
    return started(command, log, variables);
  }

  /// One of the product's own commands.
  static Process command(Path log, List<String> arguments, Map<String, String> variables)
      throws IOException {
    List<String> command = new ArrayList<>(OwnProgram.command(OPTIONS, COMMANDS));
    command.addAll(arguments);
    return started(command, log, variables);
  }

  private static Process started(List<String> command, Path log, Map<String, String> variables)
      throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
    OwnProgram.plain(builder.environment());
    builder.environment().putAll(variables);
    return builder.start();
  }
}
