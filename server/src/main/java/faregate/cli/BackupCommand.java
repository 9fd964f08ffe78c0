package faregate.cli;

import faregate.kit.Clock;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/// A consistent copy of the database, also while serving.
@Command(
    name = "backup",
    description = "Writes a consistent copy of the database, also while serving.")
final class BackupCommand extends AskCommand {
  @Parameters(
      arity = "0..1",
      paramLabel = "FILE",
      description = "Must not exist (default: backup-TIME.db in the data folder).")
  private @Nullable Path file;

  @Override
  String operation() {
    return "backup";
  }

  @Override
  Map<String, Object> arguments() {
    Path target =
        Objects.requireNonNullElseGet(
            file, () -> common().folder().path().resolve("backup-" + stamp() + ".db"));
    return Map.of("file", target.toAbsolutePath().normalize().toString());
  }

  private static String stamp() {
    Instant now = Instant.EPOCH.plus(Clock.system().micros(), ChronoUnit.MICROS);
    return now.truncatedTo(ChronoUnit.SECONDS).toString().replace(":", "").replace("-", "");
  }

  @Override
  void show(JsonNode answer, PrintWriter out) {
    out.println(
        "Wrote %s (%d bytes)."
            .formatted(answer.path("file").stringValue(), answer.path("bytes").longValue()));
  }
}
