package faregate.cli;

import faregate.operator.Refusal;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// Serves until it is told to stop: SIGTERM and SIGINT end it in order, SIGHUP reloads.
@Command(
    name = "serve",
    description = "Serves until SIGTERM or Ctrl-C; SIGHUP reloads the configuration.",
    mixinStandardHelpOptions = true)
final class ServeCommand implements Callable<Integer> {
  private static final Logger LOG = LoggerFactory.getLogger(ServeCommand.class);

  @Mixin private Common common;
  @Spec private CommandSpec spec;

  @Option(
      names = "--port",
      paramLabel = "N",
      description = "Where to listen; 0 picks a free one (default: listen.port, 8080).")
  private @Nullable Integer port;

  @Override
  public Integer call() throws InterruptedException {
    if (port != null && (port < 0 || port > 65_535)) {
      throw Refusal.badInput("--port " + port + " is not between 0 and 65535.");
    }
    Folder folder = common.folder();
    Config config = common.config(folder);
    LogSetup.apply(config.log());
    CountDownLatch stop = new CountDownLatch(1);
    Signals.on("TERM", stop::countDown);
    Signals.on("INT", stop::countDown);
    int wanted = port == null ? config.listen().port() : port;
    try (Serving serving = Serving.start(folder, config, common, wanted)) {
      Signals.on("HUP", () -> reload(serving));
      new Welcome(serving, spec.commandLine().getOut()).print();
      stop.await();
    }
    return 0;
  }

  private static void reload(Serving serving) {
    try {
      serving.app().reload();
      LOG.info("reloaded");
    } catch (RuntimeException e) {
      LOG.error("not reloaded, all stays as it was: {}", e.getMessage());
    }
  }
}
