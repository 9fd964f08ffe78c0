package faregate.cli;

import faregate.kit.RandomSource;
import faregate.kit.Secret;
import faregate.kit.SettingsException;
import faregate.prove.Proof;
import faregate.prove.ProofException;
import faregate.prove.ProofSettings;
import faregate.prove.Report;
import faregate.prove.Sabotage;
import faregate.prove.Store;
import java.io.IOException;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.stream.Stream;
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
  private @Nullable BigDecimal minutes;

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
  public Integer call() throws IOException, InterruptedException {
    ProofSettings settings = settings();
    PrintWriter out = spec.commandLine().getOut();
    Consumer<String> progress = json ? _ -> {} : line -> say(out, line);
    progress.accept("seed " + settings.seed());
    Path folder = Files.createTempDirectory("faregate-prove");
    Proof proof = new Proof(settings, folder, binaries(settings, folder), progress);
    Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(proof::kill));
    Proof.Result result;
    try (proof) {
      result = proof.run();
    } catch (ProofException e) {
      throw new ProofException(e.getMessage() + " (all logs are in " + folder + ")", e);
    }
    Report report = new Report(settings, result);
    if (json) {
      report.json(out);
    } else {
      report.words(out);
    }
    if (result.verdict().isClean()) {
      delete(folder);
      return 0;
    }
    progress.accept("databases and logs are left in " + folder);
    return 1;
  }

  private static Path binaries(ProofSettings settings, Path folder)
      throws IOException, InterruptedException {
    boolean own = settings.store() == Store.POSTGRES && settings.database() == null;
    return own ? PostgresBinaries.find(folder) : folder;
  }

  private ProofSettings settings() {
    try {
      Store where = Store.valueOf(store.toUpperCase(Locale.ROOT));
      Sabotage harm = sabotage == null ? null : sabotage(sabotage);
      return new ProofSettings(
          where,
          nodes == null ? (where == Store.SQLITE ? 1 : 3) : nodes,
          load(harm != null),
          seed == null ? RandomSource.secure().nextLong() >>> 16 : seed,
          database == null ? null : new Secret(database),
          harm);
    } catch (IllegalArgumentException e) {
      throw new SettingsException(
          e instanceof NumberFormatException
                  || e.getMessage() == null
                  || e.getMessage().startsWith("No enum")
              ? "--store is postgres or sqlite, not '" + store + "'."
              : e.getMessage() + ".");
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
    BigDecimal length = minutes == null ? new BigDecimal(harmed ? "0.3" : "2") : minutes;
    return Duration.ofSeconds(length.multiply(BigDecimal.valueOf(SECONDS_OF_A_MINUTE)).longValue());
  }

  private static void say(PrintWriter out, String line) {
    out.println("  " + line);
    out.flush();
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
