package faregate.prove;

import static org.assertj.core.api.Assertions.assertThat;

import faregate.kit.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// The proof itself, short, with the packed jar: it holds, and it bites.
class ProveIT {
  private static final Path JAR = Path.of("target/faregate.jar").toAbsolutePath();

  private record Ran(int code, JsonNode said) {}

  @Test
  void nothingIsLeftToExplainOnSqlite() throws Exception {
    Ran ran = prove("--minutes", "0.25");
    assertThat(ran.code).as("%s", ran.said).isZero();
    assertThat(ran.said.propertyNames())
        .containsExactly(
            "store",
            "nodes",
            "seed",
            "kills",
            "calls",
            "lost",
            "overspent",
            "openPastGrace",
            "false402",
            "unexplainedNanoUsd");
    assertThat(ran.said.path("store").asString()).isEqualTo("sqlite");
    assertThat(ran.said.path("kills").intValue()).isPositive();
    assertThat(ran.said.path("calls").intValue()).isGreaterThan(100);
  }

  @Test
  void aDroppedChargeIsSeen() throws Exception {
    Ran ran = prove("--minutes", "0.15", "--sabotage", "drop-charge");
    assertThat(ran.code).as("%s", ran.said).isEqualTo(1);
    assertThat(ran.said.path("lost").longValue()).isPositive();
    assertThat(ran.said.path("unexplainedNanoUsd").longValue()).isPositive();
  }

  private static Ran prove(String... more) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Xmx256m",
                "-jar",
                JAR.toString(),
                "prove",
                "--store",
                "sqlite",
                "--json"));
    command.addAll(List.of(more));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Ran(process.waitFor(), Json.MAPPER.readTree(said));
  }
}
