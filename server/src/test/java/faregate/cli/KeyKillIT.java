package faregate.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import faregate.http.EventLoops;
import faregate.kit.Json;
import faregate.sandbox.Sandbox;
import faregate.sandbox.SandboxModel;
import faregate.sandbox.SandboxSettings;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// kill -9 of a serving node between the hold of a call with an `Idempotency-Key` and its answer:
/// what was charged is not made again, what was voided may be. With the packed jar as a process.
class KeyKillIT {
  private static final SandboxModel MODEL =
      new SandboxModel("m", 30, 0, 1, 65_536, 1_024, 1_000, 10_000);
  private static final String QUICK = "\"max_tokens\":20";

  /// Nothing of it is delivered before the kill.
  private static final String SILENT = "\"max_tokens\":20,\"sandbox\":{\"delay_ms\":16000}";

  /// So long that a mark is left before the kill.
  private static final String FLOWING =
      "\"stream\":true,\"max_tokens\":1000,\"sandbox\":{\"tokens\":1000,\"chunk_ms\":20}";

  @TempDir private Path data;

  private record Asked(HttpClient http, String token) {
    HttpRequest request(Child server, String key, String fields) {
      return HttpRequest.newBuilder(URI.create(server.url() + "/v1/chat/completions"))
          .header("Authorization", "Bearer " + token)
          .header("Idempotency-Key", key)
          .POST(
              HttpRequest.BodyPublishers.ofString(
                  "{\"model\":\"test/m\","
                      + fields
                      + ",\"messages\":[{\"role\":\"user\",\"content\":\"Go on.\"}]}"))
          .build();
    }

    HttpResponse<String> send(Child server, String key, String fields) throws Exception {
      return http.send(request(server, key, fields), HttpResponse.BodyHandlers.ofString());
    }

    void leave(Child server, String key, String fields) {
      var _ =
          http.sendAsync(request(server, key, fields), HttpResponse.BodyHandlers.ofString())
              .exceptionally(_ -> null);
    }
  }

  @Test
  void aKeySurvivesAKillWithWhatWasChargedAndIsFreeWhereNothingWas() throws Exception {
    Vertx vertx = EventLoops.start(1);
    try (HttpClient http = HttpClient.newHttpClient()) {
      Sandbox provider =
          Sandbox.start(vertx, SandboxSettings.standIn().withModels(List.of(MODEL))).await();
      Asked client = new Asked(http, prepare(provider));
      try (Child server = Child.start("--port", "0", "--data", data.toString())) {
        assertThat(client.send(server, "posted", QUICK).statusCode()).isEqualTo(200);
        client.leave(server, "silent", SILENT);
        client.leave(server, "flowing", FLOWING);
        await().until(() -> provider.bill().all().size() == 3);
        await().atMost(Duration.ofSeconds(15)).ignoreExceptions().until(() -> marks() == 1);
        server.signal("KILL");
        server.exitCode();
      }
      try (Child server = Child.start("--port", "0", "--data", data.toString())) {
        assertThat(told(client.send(server, "posted", QUICK))).isEqualTo("posted");
        assertThat(told(client.send(server, "flowing", FLOWING))).isEqualTo("posted");
        assertThat(provider.bill().all()).hasSize(3);
        assertThat(client.send(server, "silent", SILENT).statusCode()).isEqualTo(200);
        assertThat(told(client.send(server, "silent", SILENT))).isEqualTo("posted");
        assertThat(provider.bill().all()).hasSize(4);
      }
      assertThat(Ran.of("audit", "--data", data.toString()).out()).startsWith("Clean.");
      JsonNode exposed =
          Json.MAPPER.readTree(Ran.of("exposure", "--data", data.toString(), "--json").out());
      assertThat(exposed.path("lines").size()).isEqualTo(2);
      assertThat(exposed.path("open_nano_usd").longValue()).isPositive();
    } finally {
      vertx.close().await();
    }
  }

  /// Calls that left a mark and have not ended.
  private int marks() throws SQLException {
    String file = "jdbc:sqlite:" + data.resolve("faregate.db");
    try (Connection connection = DriverManager.getConnection(file);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT count(*) FROM hold WHERE mark_charge > 0")) {
      row.next();
      return row.getInt(1);
    }
  }

  /// The state of the first call, as a repeat is told it.
  private static String told(HttpResponse<String> answer) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(409);
    return Json.MAPPER.readTree(answer.body()).at("/error/state").stringValue();
  }

  /// @return a token
  private String prepare(Sandbox provider) throws IOException {
    Files.writeString(
        data.resolve("faregate.yaml"),
        """
        providers:
          other:
            base_url: http://127.0.0.1:%d/v1
            models:
              - id: test/m
                input_usd_per_mtok: 1
                output_usd_per_mtok: 10
                context_tokens: 65536
                max_output_tokens: 1024
        """
            .formatted(provider.port()));
    String folder = data.toString();
    assertThat(Ran.of("user", "create", "ann", "--data", folder).code()).isZero();
    return Ran.of("token", "create", "--user", "ann", "--data", folder).out().strip();
  }
}
