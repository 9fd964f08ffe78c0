package faregate.cli;

import faregate.kit.Clock;
import faregate.kit.RandomSource;
import faregate.kit.Secret;
import faregate.kit.SettingsException;
import faregate.prove.Proof;
import faregate.prove.ProofException;
import faregate.prove.ProofSettings;
import faregate.prove.Report;
import faregate.prove.Sabotage;
import faregate.prove.Store;
import faregate.prove.Workplace;
import java.io.IOException;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// The public proof. Exit code 0 when nothing is left to explain, 1 when something is.
@Command(
    name = "prove",
    description = {
      "Starts gateways and providers, kills and cuts and stops them under load, and compares what"
          + " clients were told, what the ledger says and what the providers bill.",
      "Exit code 0 when nothing is left to explain, 1 when something is."
    },
    mixinStandardHelpOptions = true)
final class ProveCommand implements Callable<Integer> {
  private static final int SECONDS_OF_A_MINUTE = 60;

  /// More than any that is allowed, so that no number is too large to be refused in plain words.
  private static final BigDecimal MINUTES_MAX = BigDecimal.valueOf(1_000_000);

  /// As a shell has it for a command that SIGINT ended.
  private static final int STOPPED = 130;

  @Spec private CommandSpec spec;

  @Option(
      names = "--nodes",
      paramLabel = "N",
      description = "How many gateways (default: 3; 1 on SQLite).")
  private @Nullable Integer nodes;

  @Option(
      names = "--store",
      paramLabel = "NAME",
      description = "postgres (default) or sqlite, which needs nothing.")
  private String store = "postgres";

  @Option(
      names = "--minutes",
      paramLabel = "M",
      description =
          "How long clients call and things are harmed (default: 2; 0.3 with --sabotage).")
  private @Nullable String minutes;

  @Option(
      names = "--seed",
      paramLabel = "S",
      description = "What the harm follows from (default: drawn, and printed).")
  private @Nullable Long seed;

  @Option(
      names = "--database",
      paramLabel = "URL",
      description =
          "An empty PostgreSQL database to use; its server is left alive (default: a server of its"
              + " own).")
  private @Nullable String database;

  @Option(
      names = "--sabotage",
      paramLabel = "HOW",
      description =
          "Breaks the ledger on purpose, to see that the proof bites: drop-charge, double-settle,"
              + " shrink-hold or skip-fence.")
  private @Nullable String sabotage;

  @Option(names = "--json", description = "Print only the figures, as one JSON object.")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    ProofSettings settings = settings();
    PrintWriter out = spec.commandLine().getOut();
    Consumer<String> progress = json ? _ -> {} : new Telling(out);
    progress.accept("seed " + settings.seed());
    endOnSignals();
    try (Workplace workplace = Workplace.make()) {
      return prove(settings, workplace, progress, out);
    } catch (InterruptedException _) {
      spec.commandLine().getErr().println("faregate: stopped; nothing is left behind");
      return STOPPED;
    }
  }

  private int prove(
      ProofSettings settings, Workplace workplace, Consumer<String> progress, PrintWriter out)
      throws IOException, InterruptedException {
    Path folder = workplace.folder();
    Path binaries = isOwnServer(settings) ? PostgresBinaries.find(folder) : folder;
    Proof.Result result;
    try (Proof proof = new Proof(settings, folder, binaries, progress)) {
      result = proof.run();
    } catch (ProofException e) {
      if (!workplace.keep()) {
        throw e;
      }
      throw new ProofException(e.getMessage() + " (all logs are in " + folder + ")", e);
    }
    Report report = new Report(settings, result);
    if (json) {
      report.json(out);
    } else {
      report.words(out);
    }
    if (result.verdict().isClean()) {
      return 0;
    }
    if (settings.sabotage() == null) {
      workplace.keep();
      progress.accept("databases and logs are left in " + folder);
    }
    return 1;
  }

  private static boolean isOwnServer(ProofSettings settings) {
    return settings.store() == Store.POSTGRES && settings.database() == null;
  }

  /// The first signal ends the proof in order, a second one at once.
  private static void endOnSignals() {
    Thread proving = Thread.currentThread();
    AtomicBoolean asked = new AtomicBoolean();
    for (String signal : List.of("INT", "TERM", "HUP")) {
      Signals.on(
          signal,
          () -> {
            if (asked.getAndSet(true)) {
              Runtime.getRuntime().halt(STOPPED);
            }
            proving.interrupt();
          });
    }
  }

  private ProofSettings settings() {
    try {
      Store where = Store.parse(store);
      Sabotage harm = sabotage == null ? null : sabotage(sabotage);
      return new ProofSettings(
          where,
          nodes == null ? (where == Store.SQLITE ? 1 : 3) : nodes,
          load(harm != null),
          seed == null ? RandomSource.secure().nextLong() >>> 16 : seed,
          database == null ? null : new Secret(database),
          harm);
    } catch (IllegalArgumentException e) {
      throw new SettingsException(e.getMessage() + ".");
    }
  }

  private static Sabotage sabotage(String name) {
    return Sabotage.parse(name)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "--sabotage '" + name + "' is none of " + String.join(", ", Sabotage.texts())));
  }

  private Duration load(boolean harmed) {
    String said = minutes == null ? (harmed ? "0.3" : "2") : minutes;
    try {
      return Duration.ofSeconds(
          new BigDecimal(said)
              .min(MINUTES_MAX)
              .multiply(BigDecimal.valueOf(SECONDS_OF_A_MINUTE))
              .longValue());
    } catch (NumberFormatException _) {
      throw new SettingsException("--minutes '" + said + "' is not a number.");
    }
  }

  /// Says each line with the seconds since the first.
  private record Telling(PrintWriter out, long beganNanos) implements Consumer<String> {
    Telling(PrintWriter out) {
      this(out, Clock.system().nanoTime());
    }

    @Override
    public void accept(String line) {
      long millis = (Clock.system().nanoTime() - beganNanos) / 1_000_000;
      out.printf("%5d.%d s  %s%n", millis / 1_000, millis % 1_000 / 100, line);
      out.flush();
    }
  }
}
