package faregate.cli;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// Explains `serve`, and takes the ways of asking for it that [Service#plain] leaves.
@Command(
    name = "serve",
    description = "Serves until SIGTERM or Ctrl-C; SIGHUP reloads the configuration.",
    mixinStandardHelpOptions = true)
final class ServeCommand implements Callable<Integer> {
  @Mixin private Common common;
  @Spec private CommandSpec spec;

  @Option(
      names = "--port",
      paramLabel = "N",
      description = "Where to listen; 0 picks a free one (default: listen.port, 8080).")
  private @Nullable Integer port;

  @Override
  public Integer call() throws InterruptedException {
    return new Service(common, port, Footing.REAL).run(spec.commandLine().getOut());
  }
}
