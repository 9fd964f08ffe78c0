package faregate.cli;

import java.util.Objects;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// The root of all commands.
@Command(
    name = "faregate",
    description = "A self-hosted inference router with a fare gate in it.",
    synopsisSubcommandLabel = "COMMAND",
    mixinStandardHelpOptions = true,
    versionProvider = FaregateCommand.Version.class,
    footer = {"", "Without a command it serves. Each command has its own --help."})
final class FaregateCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  /// The version of the jar.
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = FaregateCommand.class.getPackage().getImplementationVersion();
      return new String[] {"faregate " + Objects.requireNonNullElse(version, "(unpacked)")};
    }
  }
}
