package faregate.cli;

import faregate.kit.NearNames;
import faregate.kit.SettingsException;
import faregate.operator.Refusal;
import faregate.store.DatabaseInUseException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/// Makes the command line: what goes wrong is one sentence on standard error, never a stack trace.
final class CommandLines {
  private static final Logger LOG = LoggerFactory.getLogger(CommandLines.class);
  private static final int FAILED = 1;
  private static final int MISUSED = 2;

  private CommandLines() {}

  static CommandLine make(PrintStream out, PrintStream err) {
    return new CommandLine(new FaregateCommand())
        .setOut(new PrintWriter(out, true, StandardCharsets.UTF_8))
        .setErr(new PrintWriter(err, true, StandardCharsets.UTF_8))
        .setParameterExceptionHandler((e, _) -> misused(e))
        .setExecutionExceptionHandler((e, command, _) -> failed(e, command))
        .setUsageHelpAutoWidth(true);
  }

  private static int misused(ParameterException e) {
    CommandLine command = e.getCommandLine();
    String text = String.valueOf(e.getMessage());
    if (e instanceof UnmatchedArgumentException unmatched) {
      text += "." + near(unmatched.getUnmatched().getFirst(), command);
    }
    say(command, text);
    command
        .getErr()
        .println("`" + command.getCommandSpec().qualifiedName() + " --help` shows what there is.");
    return MISUSED;
  }

  /// The option or command that was probably meant.
  private static String near(String written, CommandLine command) {
    List<String> known = new ArrayList<>(command.getCommandSpec().optionsMap().keySet());
    known.addAll(command.getSubcommands().keySet());
    return NearNames.of(written, known);
  }

  private static int failed(Exception e, CommandLine command) {
    return switch (e) {
      case SettingsException bad -> {
        say(command, String.valueOf(bad.getMessage()));
        yield MISUSED;
      }
      case Refusal refusal -> {
        say(command, String.valueOf(refusal.getMessage()));
        yield refusal.kind() == Refusal.Kind.BAD_INPUT ? MISUSED : FAILED;
      }
      case DatabaseInUseException inUse -> {
        say(command, String.valueOf(inUse.getMessage()));
        yield FAILED;
      }
      default -> {
        LOG.debug("the command failed", e);
        say(command, reason(e));
        yield FAILED;
      }
    };
  }

  /// The words of the exception and of what caused it, since the cause is often the plainer one.
  private static String reason(Throwable e) {
    String words = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    Throwable cause = e.getCause();
    return cause == null || cause.getMessage() == null || words.contains(cause.getMessage())
        ? words
        : words + ": " + reason(cause);
  }

  private static void say(CommandLine command, String text) {
    command.getErr().println("faregate: " + text);
    command.getErr().flush();
  }
}
