package faregate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The launcher, in a house of its own with a JDK and a Maven that only pretend.
class LauncherTest {
  private static final Path LAUNCHER = Path.of("..", "faregate");
  private static final List<String> OLD =
      List.of(
          "0000000000000001",
          "0000000000000002",
          "000000000000000a.part",
          "0000000000000004",
          "0000000000000005");

  @TempDir private Path folder;

  private record Run(int code, String words) {}

  private static void script(Path file, String... lines) throws IOException {
    Files.createDirectories(file.toAbsolutePath().getParent());
    Files.writeString(file, "#!/bin/sh\n" + String.join("\n", lines) + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private Path jdk() throws IOException {
    Path jdk = folder.resolve("jdk");
    script(jdk.resolve("bin/java"), "echo java \"$@\"");
    script(jdk.resolve("bin/javac"), "exit 1");
    Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"25.0.1\"\n");
    return jdk;
  }

  private Path house(String name) throws IOException {
    Path house = Files.createDirectories(folder.resolve(name));
    Files.copy(LAUNCHER, house.resolve("faregate"));
    Files.createDirectories(house.resolve("server/src/main"));
    for (String pom : List.of("pom.xml", "server/pom.xml")) {
      Files.createFile(house.resolve(pom));
    }
    return house;
  }

  private static void packed(Path house) throws IOException {
    Files.createDirectories(house.resolve("server/target/lib"));
    Path jar = Files.writeString(house.resolve("server/target/faregate.jar"), "a jar");
    Files.setLastModifiedTime(jar, FileTime.from(Instant.now().plusSeconds(5)));
  }

  private Run run(Path house, Path builds) throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder("bash", house.resolve("faregate").toString(), "--version")
            .directory(folder.toFile())
            .redirectErrorStream(true);
    builder.environment().put("FAREGATE_JAVA", jdk().toString());
    builder.environment().put("FAREGATE_BUILD", builds.toString());
    builder.environment().merge("PATH", folder.resolve("bin") + ":", (old, own) -> own + old);
    builder.environment().remove("JAVA_HOME");
    builder.environment().remove("FAREGATE_JAVA_OPTS");
    Process process = builder.start();
    process.getOutputStream().close();
    String words = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return new Run(process.exitValue(), words);
  }

  private static List<String> names(Path in) throws IOException {
    try (var all = Files.list(in)) {
      return all.filter(Files::isDirectory).map(each -> each.getFileName().toString()).toList();
    }
  }

  /// What a list of words would make of such a path is somebody else's folder.
  @ParameterizedTest
  @ValueSource(strings = {"plain", "a house", "it's mine", "a \"quoted\" one"})
  void onlyOldBuildsAreRemovedWhateverThePathIsLike(String name) throws Exception {
    Path house = house(name);
    packed(house);
    Path builds = house.resolve(".build");
    List<String> foreign =
        new ArrayList<>(List.of("my pictures", "0123456789abcdefg", "0123456789ABCDEF", "lib"));
    for (String each : foreign) {
      old(builds.resolve(each), 1_000);
    }
    for (int i = 0; i < OLD.size(); i++) {
      old(builds.resolve(OLD.get(i)), 2_000 + i);
    }
    Path first = folder.resolve("a");
    Files.createDirectories(first.resolve("precious"));

    Run run = run(house, builds);

    assertThat(run.code()).as(run.words()).isZero();
    assertThat(run.words()).contains("--version");
    assertThat(first.resolve("precious")).isDirectory();
    List<String> left = new ArrayList<>(names(builds));
    assertThat(left).containsAll(foreign);
    left.removeAll(foreign);
    assertThat(left)
        .as("the newest and the one just made")
        .hasSize(3)
        .contains("0000000000000004", "0000000000000005");
  }

  private static void old(Path build, long second) throws IOException {
    Files.createDirectories(build);
    Files.setLastModifiedTime(build, FileTime.from(Instant.ofEpochSecond(second)));
  }

  /// Where no other Java is in sight, Maven cannot even tell its version.
  @Test
  void mavenIsAskedWithTheJavaThatWasFound() throws Exception {
    Path house = house("house");
    script(
        folder.resolve("bin/mvn"),
        "[ \"$JAVA_HOME\" = '" + folder.resolve("jdk") + "' ] || { echo no JAVA_HOME; exit 1; }",
        "[ \"$1\" != -v ] || { echo Apache Maven 3.9.9; exit; }",
        "mkdir -p server/target/lib && echo a jar >server/target/faregate.jar");

    Run run = run(house, house.resolve(".build"));

    assertThat(run.code()).as(run.words()).isZero();
    assertThat(run.words()).doesNotContain("too old").contains("--version");
  }
}
