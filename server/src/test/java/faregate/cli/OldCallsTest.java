package faregate.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import faregate.kit.Clock;
import faregate.kit.Json;
import faregate.kit.RandomSource;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Calls of months that are kept no longer: the single calls go, what they cost stays.
class OldCallsTest {
  private static final Duration AGO = Duration.ofDays(150);
  private static final String BODY =
      """
      {"model": "faregate/sandbox-fast", "messages": [{"role": "user", "content": "one two three"}]}\
      """;
  @TempDir private Path data;

  /// The machine's clock, set back.
  private record Earlier(Duration by) implements Clock {
    @Override
    public long micros() {
      return Clock.system().micros() - by.toSeconds() * 1_000_000;
    }

    @Override
    public long nanoTime() {
      return Clock.system().nanoTime();
    }
  }

  private Serving serve(Duration ago) {
    Common common = new Common(data, null, false);
    Folder folder = common.folder();
    Footing footing =
        new Footing(new Earlier(ago), RandomSource.secure(), (ledger, _) -> ledger, _ -> {});
    return Serving.start(folder, common.config(folder), common, 0, footing);
  }

  private Ran run(String line) {
    return Ran.of((line + " --data " + data).split(" ", -1));
  }

  private static JsonNode send(HttpClient http, HttpRequest.Builder request, String token)
      throws Exception {
    HttpResponse<String> answer =
        http.send(
            request.header("Authorization", "Bearer " + token).build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return Json.MAPPER.readTree(answer.body());
  }

  private static JsonNode get(HttpClient http, Serving serving, String path, String token)
      throws Exception {
    return send(http, HttpRequest.newBuilder(URI.create(serving.url() + path)), token);
  }

  private static void call(HttpClient http, Serving serving, String token) throws Exception {
    send(
        http,
        HttpRequest.newBuilder(URI.create(serving.url() + "/v1/chat/completions"))
            .POST(HttpRequest.BodyPublishers.ofString(BODY)),
        token);
  }

  @Test
  void whatOldCallsCostStaysWhenTheyGo() throws Exception {
    YearMonth then =
        YearMonth.from(
            Instant.ofEpochMilli(new Earlier(AGO).micros() / 1000).atZone(ZoneOffset.UTC));
    String period =
        "/api/settings/billing/usage-v2?startDate=%s&endDate=%s"
            .formatted(epoch(then), epoch(then.plusMonths(1)));
    long made = new Earlier(AGO).micros() / 1_000_000;
    String hours =
        "/api/settings/billing/usage-v2?startDate=%d&endDate=%d"
            .formatted(made - 3_600, made + 3_600);
    try (HttpClient http = HttpClient.newHttpClient()) {
      String token;
      String spent;
      try (Serving serving = serve(AGO)) {
        assertThat(run("user create ann").err()).isEmpty();
        token = run("token create --user ann").out().strip();
        call(http, serving, token);
        call(http, serving, token);
        spent = used(get(http, serving, period, token));
        assertThat(used(get(http, serving, hours, token))).isEqualTo(spent);
        assertThat(get(http, serving, "/api/settings/billing/calls", token).toString())
            .contains("faregate/sandbox-fast");
      }
      Files.writeString(
          data.resolve("faregate.yaml"),
          "retention:\n  call_months: 2\nreconcile:\n  every: 200ms\n");
      try (Serving serving = serve(Duration.ZERO)) {
        call(http, serving, token);
        await()
            .atMost(Duration.ofSeconds(30))
            .untilAsserted(
                () -> assertThat(run("audit").out()).contains(" 1 ended calls and 2 closed;"));
        assertThat(run("audit").out()).startsWith("Clean.");
        assertThat(used(get(http, serving, period, token))).isEqualTo(spent);
        assertThat(used(get(http, serving, hours, token))).as("a part of a day").isEqualTo(spent);
        JsonNode kept = get(http, serving, "/api/settings/billing/calls", token);
        assertThat(kept.toString().split("faregate/sandbox-fast", -1)).hasSize(2);
        Ran compared = run("reconcile --provider sandbox --month " + then);
        assertThat(compared.code()).isEqualTo(2);
        assertThat(compared.err())
            .contains("The calls of " + then + " are kept no longer (retention.call_months)");
        assertThat(run("reconcile --provider sandbox").err()).doesNotContain("kept no longer");
      }
    }
  }

  private static String used(JsonNode answer) {
    JsonNode use = answer.path("usage").path("inferenceProviders");
    assertThat(use.path("numRequests").intValue()).isEqualTo(2);
    return use.path("usedNanoUsd").toString();
  }

  private static long epoch(YearMonth month) {
    return month.atDay(1).atStartOfDay(ZoneOffset.UTC).toEpochSecond();
  }
}
