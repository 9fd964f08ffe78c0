package faregate.cli;

import faregate.kit.NearNames;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/// Makes the command line: what goes wrong is one sentence on standard error, never a stack trace.
///
/// Only the command that was named is made, where one was: reading the annotations of all of them
/// takes longer than most of them take to run.
final class CommandLines {
  private static final Map<String, Supplier<Object>> COMMANDS = commands();

  private CommandLines() {}

  private static Map<String, Supplier<Object>> commands() {
    Map<String, Supplier<Object>> commands = new LinkedHashMap<>();
    commands.put("serve", ServeCommand::new);
    commands.put("token", TokenCommand::new);
    commands.put("user", UserCommand::new);
    commands.put("org", OrgCommand::new);
    commands.put("limit", LimitCommand::new);
    commands.put("key", KeyCommand::new);
    commands.put("grant", GrantCommand::new);
    commands.put("purchase", PurchaseCommand::new);
    commands.put("usage", UsageCommand::new);
    commands.put("models", ModelsCommand::new);
    commands.put("audit", AuditCommand::new);
    commands.put("exposure", ExposureCommand::new);
    commands.put("reconcile", ReconcileCommand::new);
    commands.put("backup", BackupCommand::new);
    commands.put("reload", ReloadCommand::new);
    commands.put("prove", ProveCommand::new);
    commands.put("rehearse", RehearseCommand::new);
    return commands;
  }

  static CommandLine make(PrintStream out, PrintStream err, String... args) {
    CommandLine root = new CommandLine(new FaregateCommand());
    Supplier<Object> named = args.length == 0 ? null : COMMANDS.get(args[0]);
    if (named != null) {
      root.addSubcommand(named.get());
    } else {
      COMMANDS.values().forEach(each -> root.addSubcommand(each.get()));
    }
    return root.setOut(new PrintWriter(out, true, StandardCharsets.UTF_8))
        .setErr(new PrintWriter(err, true, StandardCharsets.UTF_8))
        .setParameterExceptionHandler((e, _) -> misused(e))
        .setExecutionExceptionHandler((e, command, _) -> Failures.tell(e, command.getErr()))
        .setUsageHelpAutoWidth(true);
  }

  private static int misused(ParameterException e) {
    CommandLine command = e.getCommandLine();
    String text = String.valueOf(e.getMessage());
    if (e instanceof UnmatchedArgumentException unmatched) {
      text += "." + near(unmatched.getUnmatched().getFirst(), command);
    }
    Failures.tell(text, Failures.MISUSED, command.getErr());
    command
        .getErr()
        .println("`" + command.getCommandSpec().qualifiedName() + " --help` shows what there is.");
    return Failures.MISUSED;
  }

  /// The option or command that was probably meant.
  private static String near(String written, CommandLine command) {
    List<String> known = new ArrayList<>(command.getCommandSpec().optionsMap().keySet());
    known.addAll(command.getSubcommands().keySet());
    return NearNames.of(written, known);
  }
}
