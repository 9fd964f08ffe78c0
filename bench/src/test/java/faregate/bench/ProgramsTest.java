package faregate.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import faregate.kit.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// The C programs compile, and agree with each other. How fast they are is no matter here.
class ProgramsTest {
  @TempDir private static Path folder;

  @BeforeAll
  static void compile() {
    assumeTrue(hasCompiler(), "gcc is not installed, so the bench's programs cannot be tried");
    for (String program : List.of("upstream", "load", "fsync")) {
      Path source = Path.of("native", program + ".c");
      Child.run(
          List.of("gcc", "-O1", "-Wall", "-Wextra", "-o", at(program), source.toString()), 120);
    }
  }

  private static boolean hasCompiler() {
    try {
      return new ProcessBuilder("gcc", "--version").start().waitFor() == 0;
    } catch (IOException _) {
      return false;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String at(String program) {
    return folder.resolve(program).toString();
  }

  @Test
  void theLoadFindsWhatTheProviderDoes() throws IOException {
    Path errors = Files.createTempFile(folder, "upstream", ".log");
    try (Child upstream = Child.start("upstream", errors, List.of(at("upstream")))) {
      Contestant direct =
          new Contestant(
              "direct", Integer.parseInt(upstream.said("ready ")), upstream.pid(), "none");
      Load load = new Load(folder.resolve("load"));

      Figures closed = load.closed(direct, 4, 1);
      assertThat(closed.requests()).isPositive();
      assertThat(closed.errors()).isZero();
      assertThat(closed.p50Micros()).isPositive().isLessThanOrEqualTo(closed.p99Micros());

      Figures open = load.open(direct, 4, 100, 1);
      assertThat(open.requests()).isEqualTo(100);

      Figures streams = load.streams(direct, 5, 1, 10, 20);
      assertThat(streams.chunks()).isGreaterThan(10);
      assertThat(streams.chunkAgeP50Micros()).isPositive();
    }
  }

  @Test
  void theProbeOfTheDiskCounts() {
    JsonNode told =
        Json.MAPPER.readTree(Child.run(List.of(at("fsync"), folder.toString(), "3"), 60));
    assertThat(told.path("count").intValue()).isEqualTo(3);
  }
}
