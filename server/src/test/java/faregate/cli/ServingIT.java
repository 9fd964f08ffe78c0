package faregate.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import faregate.kit.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/// What a new user does and sees, with the packed jar as a process, over real sockets. Some 20 s.
class ServingIT {
  private static final Pattern COST = Pattern.compile("\"cost_nano_usd\":(\\d+)");

  private final HttpClient http = HttpClient.newHttpClient();
  @TempDir private Path temp;

  @Test
  void aNewUsersFirstHour() throws Exception {
    Path data = temp.resolve("data");
    try (Child server = Child.start("--port", "0", "--data", data.toString())) {
      assertThat(server.output()).contains("free tier: $0.10 left");
      String token = server.line("Your first token, shown only now: ");
      assertThat(mode(data)).isEqualTo("rwx------");
      assertThat(mode(data.resolve("operator"))).isEqualTo("rw-------");

      long cost = paste(server.line("curl "));
      JsonNode usage = json("usage", "--data", data.toString(), "--json").get(0);
      assertThat(usage.get("cost_nano_usd").longValue()).isEqualTo(cost);
      assertThat(usage.get("left_nano_usd").longValue()).isEqualTo(100_000_000 - cost);

      assertThat(get(server, "/api/whoami-v2", token).statusCode()).isEqualTo(200);
      tokensComeAndGo(server, data);
      creditIsGivenOnce(data);
      theOperatorLooksOn(server, token);
      theConfigurationIsReadAgain(server, data);
      Path restored = Files.createDirectory(temp.resolve("restored"));
      Path copy = restored.resolve("faregate.db");
      assertThat(Ran.of("backup", copy.toString(), "--data", data.toString()).code()).isZero();
      assertThat(Ran.of("serve", "--port", "0", "--data", data.toString()).err())
          .startsWith("faregate: ")
          .contains("in use by process");

      assertThat(stopInMidStream(server, token)).isPositive();
      assertThat(Files.exists(data.resolve("operator"))).isFalse();
      assertThat(
              json("usage", "--data", data.toString(), "--json").get(0).get("held_usd").asString())
          .isEqualTo("0.00");
      for (Path folder : List.of(data, restored)) {
        Ran audit = Ran.of("audit", "--data", folder.toString());
        assertThat(audit.out()).startsWith("Clean.");
        assertThat(audit.code()).isZero();
      }
    }
  }

  @Test
  void aLaterStartAndAHardEnd() throws Exception {
    Path data = temp.resolve("data");
    assertThat(Ran.of("user", "create", "ann", "--tier", "pro", "--data", data.toString()).out())
        .isEqualTo("ann: pro tier, $2.00 left.\n");
    Ran made = Ran.of("token", "create", "--user", "ann", "--data", data.toString());
    assertThat(made.out()).matches("hf_\\w{34}\n");
    try (Child server = Child.start("--port", "0", "--data", data.toString())) {
      assertThat(server.output())
          .doesNotContain("hf_")
          .contains("./faregate token create --user ann --data '" + data + "'");
      assertThat(get(server, "/api/whoami-v2", made.out().strip()).statusCode()).isEqualTo(200);
      String port = URI.create(server.url()).getPort() + "";
      Ran second = Ran.of("serve", "--port", port, "--data", temp.resolve("other").toString());
      assertThat(second.err()).startsWith("faregate: Cannot listen on 127.0.0.1:" + port);
      assertThat(second.code()).isEqualTo(2);
      server.signal("KILL");
      server.exitCode();
    }
    assertThat(Files.exists(data.resolve("operator"))).isTrue();
    assertThat(Ran.of("audit", "--data", data.toString()).out()).startsWith("Clean.");
  }

  /// An empty secret is not taken for none, nor one that was not copied whole for a new one.
  @ParameterizedTest
  @CsvSource({
    "'', 'is set, but empty'",
    "'  ', 'is set, but empty'",
    "two words, holds no keyset",
    "CUT, holds no keyset",
  })
  void aKeysetThatCannotBeReadStopsTheStart(String how, String said) throws Exception {
    Path data = temp.resolve("data");
    String whole = Ran.of("key", "keyset").out().strip();
    String keyset = how.equals("CUT") ? whole.substring(0, whole.length() / 2) : how;
    Map<String, String> environment = Map.of("FAREGATE_KEYSET", keyset);
    try (Child server = Child.start(environment, "--port", "0", "--data", data.toString())) {
      assertThat(server.exitCode()).as(server.output()).isEqualTo(2);
      String last = server.output().lines().toList().getLast();
      assertThat(last)
          .startsWith("faregate: The variable FAREGATE_KEYSET " + said)
          .contains("faregate key keyset");
      assertThat(server.output()).doesNotContain("ready ", "\tat ", "hf_");
      assertThat(keyset.isBlank() || !server.output().contains(keyset)).isTrue();
      assertThat(data.resolve("operator")).doesNotExist();
    }
  }

  private long paste(String curl) throws IOException, InterruptedException {
    Process process = new ProcessBuilder("bash", "-c", "curl -sS " + curl).start();
    String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).isZero();
    List<String> events = answer.lines().filter(line -> line.startsWith("data: ")).toList();
    assertThat(events.getLast()).isEqualTo("data: [DONE]");
    return cost(events.get(events.size() - 2));
  }

  private static long cost(String event) {
    Matcher cost = COST.matcher(event);
    assertThat(cost.find()).as("a cost in " + event).isTrue();
    return Long.parseLong(cost.group(1));
  }

  private void tokensComeAndGo(Child server, Path data) throws Exception {
    String token =
        Ran.of("token", "create", "--user", "me", "--name", "second", "--data", data.toString())
            .out()
            .strip();
    assertThat(get(server, "/api/whoami-v2", token).statusCode()).isEqualTo(200);
    JsonNode list = json("token", "list", "--user", "me", "--data", data.toString(), "--json");
    assertThat(list.toString()).doesNotContain(token);
    String id = "";
    for (JsonNode each : list) {
      id = each.get("name").stringValue().equals("second") ? each.get("id").stringValue() : id;
    }
    assertThat(Ran.of("token", "revoke", id, "--data", data.toString()).code()).isZero();
    await()
        .atMost(Duration.ofSeconds(1))
        .until(() -> get(server, "/api/whoami-v2", token).statusCode() == 401);
  }

  private static void creditIsGivenOnce(Path data) throws IOException {
    for (boolean repeated : List.of(false, true)) {
      JsonNode given =
          json(
              "grant",
              "--user",
              "me",
              "--usd",
              "5",
              "--ref",
              "gift",
              "--data",
              data.toString(),
              "--json");
      assertThat(given.get("repeated").booleanValue()).isEqualTo(repeated);
      assertThat(given.get("left_usd").stringValue()).startsWith("5.09");
    }
    Ran other =
        Ran.of("grant", "--user", "me", "--usd", "6", "--ref", "gift", "--data", data.toString());
    assertThat(other.code()).isEqualTo(1);
    assertThat(other.err()).contains("Choose another --ref");
    Ran nobody = Ran.of("grant", "--user", "mee", "--usd", "6", "--data", data.toString());
    assertThat(nobody.err()).contains("Did you mean 'me'?");
    assertThat(nobody.code()).isEqualTo(1);
  }

  private void theOperatorLooksOn(Child server, String token) throws Exception {
    assertThat(get(server, "/healthz", "").statusCode()).isEqualTo(200);
    HttpResponse<String> ready = get(server, "/readyz", "");
    assertThat(ready.statusCode()).isEqualTo(200);
    assertThat(ready.body()).contains("\"ledger\":\"ok\"", "\"catalog\":\"ok\"");
    assertThat(get(server, "/metrics", "").body())
        .contains(
            "faregate_requests_seconds_count{status=\"200\",surface=\"chat\"} 1",
            "faregate_tokens_output_total{model=\"faregate/sandbox\",provider=\"sandbox\"}"
                + " 200.0",
            "faregate_cost_nano_usd_total{",
            "faregate_ledger_commit_seconds_count",
            "faregate_holds_open 0.0",
            "faregate_streams_open 0.0",
            "jvm_memory_used_bytes");
    HttpRequest stranger =
        HttpRequest.newBuilder(URI.create(server.url() + "/operator/v1/token-list"))
            .header("Authorization", "Bearer " + token)
            .POST(HttpRequest.BodyPublishers.ofString("{}"))
            .build();
    assertThat(http.send(stranger, HttpResponse.BodyHandlers.ofString()).statusCode())
        .isEqualTo(404);
  }

  private void theConfigurationIsReadAgain(Child server, Path data) throws Exception {
    assertThat(Ran.of("models", "--live", "--data", data.toString()).out())
        .contains("faregate/sandbox")
        .doesNotContain("local/llama");
    Path file = data.resolve("faregate.yaml");
    Files.writeString(file, "offers:\n  disable: [x]\n");
    Ran bad = Ran.of("reload", "--data", data.toString());
    assertThat(bad.err()).contains("line 2: 'offers.disable' is not a known key.");
    assertThat(bad.code()).isEqualTo(2);
    assertThat(get(server, "/readyz", "").statusCode()).isEqualTo(200);
    Files.writeString(
        file,
        """
        providers:
          local:
            base_url: http://127.0.0.1:1/v1
            free: true
            models:
              - id: local/llama
        """);
    server.signal("HUP");
    await()
        .atMost(Duration.ofSeconds(10))
        .until(() -> get(server, "/v1/models/local/llama", "").statusCode() == 200);
    assertThat(Ran.of("models", "--live", "--data", data.toString()).out())
        .contains("faregate/sandbox", "local/llama");
  }

  /// The answer comes to its end, is settled, and the process leaves with 0.
  private long stopInMidStream(Child server, String token) throws Exception {
    String body =
        """
        {"model": "faregate/sandbox", "stream": true, "stream_options": {"include_usage": true},
         "messages": [{"role": "user", "content": "Tell me"}]}
        """;
    HttpResponse<InputStream> answer =
        http.send(
            request(server, "/v1/chat/completions", token)
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build(),
            HttpResponse.BodyHandlers.ofInputStream());
    List<String> events = new ArrayList<>();
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith("data: ")) {
          events.add(line);
        }
        if (events.size() == 3 && line.startsWith("data: ")) {
          server.signal("TERM");
        }
      }
    }
    assertThat(events.getLast()).isEqualTo("data: [DONE]");
    assertThat(server.exitCode()).isZero();
    return cost(events.get(events.size() - 2));
  }

  private static JsonNode json(String... args) throws IOException {
    Ran ran = Ran.of(args);
    assertThat(ran.code()).as(ran.err()).isZero();
    return Json.MAPPER.readTree(ran.out());
  }

  private static HttpRequest.Builder request(Child server, String path, String token) {
    return HttpRequest.newBuilder(URI.create(server.url() + path))
        .header("Authorization", "Bearer " + token);
  }

  private HttpResponse<String> get(Child server, String path, String token)
      throws IOException, InterruptedException {
    return http.send(
        request(server, path, token).GET().build(), HttpResponse.BodyHandlers.ofString());
  }

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
