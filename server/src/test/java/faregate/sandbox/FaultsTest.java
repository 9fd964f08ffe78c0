package faregate.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import faregate.http.EventLoops;
import faregate.kit.Json;
import faregate.sandbox.BillEntry.State;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/// Each fault that a request can order, and what the book says of it.
class FaultsTest {
  private static Vertx vertx;
  private static Sandbox sandbox;
  private static HttpClient client;

  @BeforeAll
  static void start() {
    vertx = EventLoops.start(1);
    sandbox = Sandbox.start(vertx, SandboxSettings.standIn()).await();
    client = HttpClient.newHttpClient();
  }

  @AfterAll
  static void stop() {
    client.shutdownNow();
    vertx.close().await();
  }

  private static HttpRequest request(Sandbox at, boolean stream, String faults) {
    String body =
        "{\"model\":\"any/model\",\"max_tokens\":50,\"messages\":[{\"role\":\"user\",\"content\":\"hello"
            + " world\"}],\"stream_options\":{\"include_usage\":true},\"stream\":"
            + stream
            + ",\"sandbox\":"
            + faults
            + "}";
    return HttpRequest.newBuilder(URI.create(at.baseUrl() + "/chat/completions"))
        .timeout(Duration.ofSeconds(5))
        .POST(HttpRequest.BodyPublishers.ofString(body))
        .build();
  }

  private static HttpResponse<String> whole(String faults) throws Exception {
    return client.send(request(sandbox, false, faults), BodyHandlers.ofString());
  }

  private static final String QUICK = "\"first_token_ms\":0,\"chunk_ms\":0,\"tokens\":10";

  private static HttpResponse<String> stream(String faults) throws Exception {
    return client.send(request(sandbox, true, "{" + QUICK + faults + "}"), BodyHandlers.ofString());
  }

  private static BillEntry billed(HttpResponse<?> response) {
    return Objects.requireNonNull(
        sandbox.bill().find(response.headers().firstValue("inference-id").orElseThrow()));
  }

  private static BillEntry last() {
    return sandbox.bill().all().getLast();
  }

  private static List<JsonNode> events(String body) {
    return body.lines()
        .filter(line -> line.startsWith("data: {\"id\":\"chatcmpl-") && line.endsWith("}"))
        .filter(line -> !line.contains("[{]"))
        .map(line -> Json.MAPPER.readTree(line.substring(6)))
        .toList();
  }

  @Test
  void status() throws Exception {
    HttpResponse<String> busy = whole("{\"status\":429,\"retry_after\":3}");
    HttpResponse<String> own =
        whole("{\"status\":402,\"error\":{\"error\":\"NOT_ENOUGH_BALANCE\"}}");

    assertThat(busy.statusCode()).isEqualTo(429);
    assertThat(busy.headers().firstValue("retry-after")).contains("3");
    assertThat(busy.body()).contains("sandbox_error");
    assertThat(own.statusCode()).isEqualTo(402);
    assertThat(own.body()).isEqualTo("{\"error\":\"NOT_ENOUGH_BALANCE\"}");
    assertThat(billed(own).state()).isEqualTo(State.FAILED);
    assertThat(billed(own).costNanoUsd()).isZero();
  }

  @Test
  void timesFailsOnlyTheFirstCallsOfAKey() throws Exception {
    String faults = "{\"status\":500,\"times\":2,\"key\":\"k1\",\"tokens\":4}";

    assertThat(whole(faults).statusCode()).isEqualTo(500);
    assertThat(whole(faults.replace("k1", "k2")).statusCode()).isEqualTo(500);
    assertThat(whole(faults).statusCode()).isEqualTo(500);
    HttpResponse<String> third = whole(faults);
    assertThat(third.statusCode()).isEqualTo(200);
    assertThat(billed(third).generatedTokens()).isEqualTo(4);
  }

  @Test
  void delays() throws Exception {
    long begun = System.nanoTime();
    whole("{\"delay_ms\":300}");
    assertThat((System.nanoTime() - begun) / 1_000_000).isGreaterThanOrEqualTo(290);
  }

  @Test
  void resetClosesWithoutAnAnswerAndMayBillAllTheSame() {
    assertThatThrownBy(() -> whole("{\"reset\":true}")).isInstanceOf(IOException.class);
    assertThat(last().costNanoUsd()).isZero();
    assertThatThrownBy(() -> whole("{\"reset\":true,\"bill_unseen\":true,\"tokens\":9}"))
        .isInstanceOf(IOException.class);
    assertThat(last().state()).isEqualTo(State.FAILED);
    assertThat(last().billedCompletionTokens()).isEqualTo(9);
  }

  @Test
  void hangNeverAnswersAndNoticesTheClientLeaving() {
    var call =
        client.sendAsync(request(sandbox, false, "{\"hang\":true}"), BodyHandlers.ofString());
    await().until(() -> !sandbox.bill().all().isEmpty() && last().state() == State.RUNNING);
    assertThat(call).isNotDone();
    call.cancel(true);
    await().until(() -> last().state() == State.FAILED);
    assertThat(last().costNanoUsd()).isZero();
  }

  @Test
  void stallFallsSilentAndKeepsTheSocket() throws Exception {
    HttpResponse<InputStream> response =
        client.send(
            request(sandbox, true, "{" + QUICK + ",\"stall_after\":3}"),
            BodyHandlers.ofInputStream());
    BillEntry entry = billed(response);
    await().until(() -> entry.generatedTokens() == 3);
    Thread.sleep(100);
    assertThat(entry.state()).isEqualTo(State.RUNNING);
    response.body().close();
    await().until(() -> entry.state() == State.CANCELLED);
    assertThat(entry.billedCompletionTokens()).isEqualTo(3);
  }

  @Test
  void cutClosesInTheMiddle() throws Exception {
    assertThatThrownBy(() -> stream(",\"cut_after\":4")).isInstanceOf(IOException.class);
    assertThat(last().state()).isEqualTo(State.FAILED);
    assertThat(last().billedCompletionTokens()).isEqualTo(4);
  }

  @Test
  void errorEventInTheMiddle() throws Exception {
    HttpResponse<String> response = stream(",\"error_event\":4");

    assertThat(response.body()).contains("sandbox_error").doesNotContain("[DONE]");
    assertThat(events(response.body())).hasSize(1 + 4);
    assertThat(billed(response).billedCompletionTokens()).isEqualTo(4);
  }

  @Test
  void garbage() throws Exception {
    HttpResponse<String> response = stream(",\"garbage\":4");

    assertThat(response.body())
        .contains("no field at all")
        .contains("[{]")
        .endsWith("data: [DONE]\n\n");
    assertThat(events(response.body())).hasSize(1 + 10 + 1 + 1);
    String broken = whole("{\"garbage\":1}").body();
    assertThatThrownBy(() -> Json.MAPPER.readTree(broken)).isNotNull();
  }

  @Test
  void overrunIgnoresTheLimitAndBillsIt() throws Exception {
    HttpResponse<String> response = whole("{\"overrun\":true,\"tokens\":80}");

    assertThat(
            Json.MAPPER.readTree(response.body()).path("usage").path("completion_tokens").asInt())
        .isEqualTo(80);
    assertThat(billed(response).billedCompletionTokens()).isEqualTo(80);
  }

  @Test
  void usageCanBeLeftOutMovedAndRepeated() throws Exception {
    assertThat(stream(",\"omit_usage\":true").body()).doesNotContain("usage");
    assertThat(whole("{\"omit_usage\":true}").body()).doesNotContain("usage");

    List<JsonNode> last = events(stream(",\"usage_in_last_chunk\":true").body());
    assertThat(last).hasSize(1 + 10 + 1);
    assertThat(last.getLast().path("choices").path(0).path("finish_reason").asString())
        .isEqualTo("stop");
    assertThat(last.getLast().path("usage").path("completion_tokens").asInt()).isEqualTo(10);

    List<JsonNode> every = events(stream(",\"usage_every_chunk\":true").body());
    assertThat(every).hasSize(1 + 10 + 1 + 1);
    assertThat(every.get(3).path("usage").path("completion_tokens").asInt()).isEqualTo(3);
  }

  @Test
  void zeroOutputEndsWithAnError() throws Exception {
    HttpResponse<String> response = stream(",\"zero_output\":true");

    assertThat(
            events(response.body()).get(1).path("choices").path(0).path("finish_reason").asString())
        .isEqualTo("error");
    assertThat(billed(response).generatedTokens()).isZero();
  }

  @Test
  void doneCanBeMissingAndAnEventHuge() throws Exception {
    assertThat(stream(",\"no_done\":true").body()).doesNotContain("[DONE]");
    assertThat(
            stream(",\"huge_event\":100000")
                .body()
                .lines()
                .mapToInt(String::length)
                .max()
                .orElseThrow())
        .isGreaterThan(100_000);
  }

  /// The built-in model runs in the process that serves everybody.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "{\"overrun\":true,\"tokens\":1500000000} | 'sandbox.tokens' must be at most 65536",
        "{\"tokens\":1e300} | 'sandbox.tokens' must be at most 65536",
        "{\"tokens\":99999999999999999999} | 'sandbox.tokens' must be at most 65536",
        "{\"huge_event\":1500000000} | 'sandbox.huge_event' must be at most 9437184",
        "{\"delay_ms\":600001} | 'sandbox.delay_ms' must be at most 600000",
        "{\"first_token_ms\":2147483647} | 'sandbox.first_token_ms' must be at most 600000",
        "{\"chunk_ms\":2147483647} | 'sandbox.chunk_ms' must be at most 600000",
        "{\"bill_nano_usd\":9223372036854775807} | 'sandbox.bill_nano_usd' must be at most",
      })
  void whatIsBeyondItsBoundIsRefusedWithFieldAndBound(String faults, String why) throws Exception {
    HttpResponse<String> response = whole(faults);
    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(response.body()).contains(why, "\"param\":\"sandbox\"");
  }

  @Test
  void whatIsKeptAfterTheCallIsShort() throws Exception {
    String text = "x".repeat(2_000);
    for (String name : List.of("key", "model_echo", "bill_raw")) {
      HttpResponse<String> response = whole("{\"%s\":\"%s\"}".formatted(name, text));
      assertThat(response.statusCode()).isEqualTo(400);
      assertThat(response.body()).contains("'sandbox." + name + "' must have at most");
    }
    whole("{\"tokens\":1},\"user\":\"" + text + "\"");
    assertThat(last().order().user()).hasSize(256);
  }

  @Test
  void anEventOfTheLargestSizeIsStillPlayed() throws Exception {
    assertThat(stream(",\"huge_event\":9437184").body().length()).isGreaterThan(9 << 20);
  }

  @Test
  void namesAnotherModelAndReportsCachedAndReasoningTokens() throws Exception {
    HttpResponse<String> response =
        whole("{\"model_echo\":\"x/y\",\"cached_tokens\":5,\"reasoning_tokens\":7,\"tokens\":3}");
    JsonNode body = Json.MAPPER.readTree(response.body());

    assertThat(body.path("model").asString()).isEqualTo("x/y");
    assertThat(body.path("usage").path("prompt_tokens_details").path("cached_tokens").asInt())
        .isEqualTo(5);
    assertThat(
            body.path("usage").path("completion_tokens_details").path("reasoning_tokens").asInt())
        .isEqualTo(7);
    assertThat(body.path("usage").path("completion_tokens").asInt()).isEqualTo(10);
    assertThat(billed(response).billedCompletionTokens()).isEqualTo(10);
  }

  @Test
  void aClientThatLeavesIsNoticedAtOnceAndBilledForWhatItGot() throws Exception {
    HttpResponse<InputStream> response =
        client.send(
            request(sandbox, true, "{\"first_token_ms\":0,\"chunk_ms\":20,\"tokens\":50}"),
            BodyHandlers.ofInputStream());
    BillEntry entry = billed(response);
    String heard = new String(response.body().readNBytes(900), StandardCharsets.UTF_8);
    assertThat(heard).contains("data: ");
    response.body().close();
    await().atMost(Duration.ofMillis(500)).until(() -> entry.state() == State.CANCELLED);
    assertThat(entry.billedCompletionTokens()).isBetween(1, 40).isEqualTo(entry.generatedTokens());
    int then = entry.generatedTokens();
    Thread.sleep(100);
    assertThat(entry.generatedTokens()).isEqualTo(then);
  }

  @Test
  void someBillTheWholeAnswerAllTheSame() throws Exception {
    HttpResponse<InputStream> response =
        client.send(
            request(
                sandbox,
                true,
                "{\"first_token_ms\":0,\"chunk_ms\":20,\"tokens\":50,\"bill_on_cancel\":true}"),
            BodyHandlers.ofInputStream());
    BillEntry entry = billed(response);
    response.body().close();
    await().until(() -> entry.state() == State.CANCELLED);
    assertThat(entry.billedCompletionTokens()).isEqualTo(50);
    assertThat(entry.generatedTokens()).isLessThan(50);
  }

  @Test
  void anInstanceHasFaultsOfItsOwn() throws Exception {
    Sandbox other =
        Sandbox.start(
                vertx,
                SandboxSettings.standIn().withFaults(Faults.of("{\"status\":503,\"tokens\":3}")))
            .await();
    HttpResponse<String> response =
        client.send(request(other, false, "{}"), BodyHandlers.ofString());
    HttpResponse<String> more =
        client.send(request(other, false, "{\"status\":418}"), BodyHandlers.ofString());
    other.close().await();

    assertThat(response.statusCode()).isEqualTo(503);
    assertThat(more.statusCode()).isEqualTo(418);
    assertThat(sandbox.bill().find(response.headers().firstValue("inference-id").orElseThrow()))
        .isNull();
    assertThatThrownBy(() -> client.send(request(other, false, "{}"), BodyHandlers.ofString()))
        .isInstanceOf(IOException.class);
  }
}
