package faregate.cli;

import faregate.operator.Refusal;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Serves until it is told to stop: SIGTERM and SIGINT end it in order, SIGHUP reloads.
///
/// @param port null for the configured one
record Service(Common common, @Nullable Integer port, Footing footing) {
  private static final Logger LOG = LoggerFactory.getLogger(Service.class);

  /// Reads the plain ways of asking for it without the command line's library, whose loading would
  /// be a good part of a start.
  ///
  /// @return null when there is anything else in the arguments
  static @Nullable Service plain(String[] args) {
    Integer port = null;
    Path data = null;
    Path config = null;
    String database = null;
    boolean json = false;
    for (int i = 1; i < args.length; i++) {
      String option = args[i];
      if (option.equals("--json")) {
        json = true;
        continue;
      }
      if (++i == args.length) {
        return null;
      }
      String value = args[i];
      switch (option) {
        case "--port" -> {
          if (!value.matches("\\d{1,5}")) {
            return null;
          }
          port = Integer.valueOf(value);
        }
        case "--data" -> data = Path.of(value);
        case "--config" -> config = Path.of(value);
        case "--database" -> database = value;
        default -> {
          return null;
        }
      }
    }
    boolean serves = args.length > 0 && args[0].equals("serve");
    return serves
        ? new Service(new Common(data, config, database, json), port, Footing.REAL)
        : null;
  }

  /// The same on other ground.
  Service on(Footing other) {
    return new Service(common, port, other);
  }

  int run(PrintWriter out) throws InterruptedException {
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
    try (Serving serving = Serving.start(folder, config, common, wanted, footing)) {
      Signals.on("HUP", () -> reload(serving));
      new Welcome(serving, out).print(common.json());
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
