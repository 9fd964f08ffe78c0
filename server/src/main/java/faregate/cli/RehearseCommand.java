package faregate.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// Starts, answers a few requests and stops, in a folder of its own, so that the JVM can keep what
/// it has loaded for later starts. The launcher calls it after a build.
@Command(name = "rehearse", hidden = true, mixinStandardHelpOptions = true)
final class RehearseCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    new Rehearsal(spec.commandLine().getOut()).run();
    return 0;
  }
}
