package faregate.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import faregate.http.EventLoops;
import faregate.kit.Json;
import io.vertx.core.Vertx;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/// What the sandbox says when nothing goes wrong: OpenAI's wire format, honest counts, its bill.
class SandboxTest {
  private static Vertx vertx;
  private static Sandbox sandbox;
  private static HttpClient client;

  @BeforeAll
  static void start() {
    vertx = EventLoops.start(1);
    sandbox = Sandbox.start(vertx, SandboxSettings.standard()).await();
    client = HttpClient.newHttpClient();
  }

  @AfterAll
  static void stop() {
    client.close();
    vertx.close().await();
  }

  private static HttpResponse<String> post(String path, String body) throws Exception {
    return client.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + sandbox.port() + path))
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build(),
        BodyHandlers.ofString());
  }

  private static JsonNode get(String path) throws Exception {
    return Json.MAPPER.readTree(
        client
            .send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + sandbox.port() + path))
                    .build(),
                BodyHandlers.ofString())
            .body());
  }

  private static HttpResponse<String> chat(String more) throws Exception {
    return post(
        "/v1/chat/completions",
        "{\"model\":\"faregate/sandbox-fast\",\"messages\":[{\"role\":\"user\",\"content\":\"hello"
            + " world\"}]"
            + more
            + "}");
  }

  private static JsonNode answer(String more) throws Exception {
    HttpResponse<String> response = chat(more);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return Json.MAPPER.readTree(response.body());
  }

  private static List<JsonNode> events(String body) {
    return body.lines()
        .filter(line -> line.startsWith("data: {"))
        .map(line -> Json.MAPPER.readTree(line.substring(6)))
        .toList();
  }

  private static BillEntry billed(HttpResponse<?> response) {
    return Objects.requireNonNull(
        sandbox.bill().find(response.headers().firstValue("inference-id").orElseThrow()));
  }

  @Test
  void answersWholeWithHonestCounts() throws Exception {
    HttpResponse<String> response = chat("");
    JsonNode body = Json.MAPPER.readTree(response.body());

    assertThat(body.path("object").asString()).isEqualTo("chat.completion");
    assertThat(body.path("id").asString()).startsWith("chatcmpl-");
    assertThat(body.path("model").asString()).isEqualTo("faregate/sandbox-fast");
    assertThat(body.path("system_fingerprint").asString()).contains("sandbox");
    JsonNode choice = body.path("choices").path(0);
    assertThat(choice.path("message").path("role").asString()).isEqualTo("assistant");
    assertThat(choice.path("finish_reason").asString()).isEqualTo("stop");
    String text = choice.path("message").path("content").asString();
    assertThat(text).startsWith("This is the Faregate sandbox.");
    // "hello world" is two tokens; three for its message, three for the answer's opening.
    assertThat(body.path("usage").path("prompt_tokens").asInt()).isEqualTo(8);
    assertThat(body.path("usage").path("completion_tokens").asInt()).isEqualTo(16);
    assertThat(new Tokens().count(text)).isEqualTo(16);
    assertThat(body.path("usage").path("total_tokens").asInt()).isEqualTo(24);
    BillEntry entry = billed(response);
    assertThat(entry.state()).isEqualTo(BillEntry.State.COMPLETED);
    assertThat(entry.costNanoUsd()).isEqualTo(8 * 100 + 16 * 400);
    assertThat(get("/sandbox/bill/" + entry.id()).path("costNanoUsd").asLong()).isEqualTo(7200);
  }

  @Test
  void streamsOneTokenAChunk() throws Exception {
    HttpResponse<String> response = chat(",\"stream\":true");
    List<JsonNode> events = events(response.body());

    assertThat(response.headers().firstValue("content-type"))
        .contains("text/event-stream; charset=utf-8");
    assertThat(events).hasSize(1 + 16 + 1);
    assertThat(events)
        .allMatch(each -> each.path("object").asString().equals("chat.completion.chunk"));
    assertThat(events).noneMatch(each -> each.has("usage"));
    assertThat(delta(events.getFirst()).path("role").asString()).isEqualTo("assistant");
    String text =
        events.stream()
            .map(each -> delta(each).path("content").asString(""))
            .collect(Collectors.joining());
    assertThat(new Tokens().count(text)).isEqualTo(16);
    assertThat(events.getLast().path("choices").path(0).path("finish_reason").asString())
        .isEqualTo("stop");
    assertThat(response.body()).endsWith("\n\ndata: [DONE]\n\n");
    assertThat(billed(response).billedCompletionTokens()).isEqualTo(16);
  }

  private static JsonNode delta(JsonNode event) {
    return event.path("choices").path(0).path("delta");
  }

  @Test
  void tellsUsageInAnExtraChunkOnlyWhenAsked() throws Exception {
    List<JsonNode> events =
        events(chat(",\"stream\":true,\"stream_options\":{\"include_usage\":true}").body());

    assertThat(events).hasSize(1 + 16 + 1 + 1);
    assertThat(events.getFirst().path("usage").isNull()).isTrue();
    assertThat(events.getLast().path("choices")).isEmpty();
    assertThat(events.getLast().path("usage").path("completion_tokens").asInt()).isEqualTo(16);
  }

  @Test
  void heedsTheLimitUnderBothNames() throws Exception {
    for (String field : List.of("max_tokens", "max_completion_tokens")) {
      JsonNode body = answer(",\"" + field + "\":3");
      assertThat(body.path("choices").path(0).path("finish_reason").asString()).isEqualTo("length");
      assertThat(body.path("usage").path("completion_tokens").asInt()).isEqualTo(3);
    }
  }

  @Test
  void givesSeveralChoices() throws Exception {
    JsonNode whole = answer(",\"n\":3,\"max_tokens\":5");
    assertThat(whole.path("choices")).hasSize(3);
    assertThat(whole.path("usage").path("completion_tokens").asInt()).isEqualTo(15);

    List<JsonNode> events = events(chat(",\"n\":2,\"max_tokens\":5,\"stream\":true").body());
    assertThat(
            events.stream()
                .map(each -> each.path("choices").path(0).path("index").asInt())
                .distinct())
        .containsExactly(0, 1);
    assertThat(events).hasSize(2 * (1 + 5 + 1));
  }

  private static final String TOOLS =
      ",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"get_weather\",\"parameters\":{\"type\":\"object\","
          + "\"properties\":{\"city\":{\"type\":\"string\"},\"days\":{\"type\":\"integer\",\"minimum\":2}},"
          + "\"required\":[\"city\"]}}}]";

  @Test
  void callsAToolWhenToldTo() throws Exception {
    JsonNode plain = answer(TOOLS);
    assertThat(plain.path("choices").path(0).path("finish_reason").asString()).isEqualTo("stop");

    JsonNode choice = answer(TOOLS + ",\"tool_choice\":\"required\"").path("choices").path(0);
    assertThat(choice.path("finish_reason").asString()).isEqualTo("tool_calls");
    JsonNode call = choice.path("message").path("tool_calls").path(0);
    assertThat(call.path("function").path("name").asString()).isEqualTo("get_weather");
    JsonNode arguments = Json.MAPPER.readTree(call.path("function").path("arguments").asString());
    assertThat(arguments.path("city").asString()).isEqualTo("Faregate sandbox");
    assertThat(arguments.path("days").asInt()).isEqualTo(2);
  }

  @Test
  void callsAToolThatTheLastMessageNamesAndReadsItsResult() throws Exception {
    String question =
        "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"please get weather\"}]}";
    String head =
        "{\"model\":\"faregate/sandbox-fast\""
            + TOOLS
            + ",\"stream\":true,\"messages\":["
            + question;
    HttpResponse<String> response = post("/v1/chat/completions", head + "]}");
    List<JsonNode> events = events(response.body());
    String arguments =
        events.stream()
            .map(
                each ->
                    delta(each)
                        .path("tool_calls")
                        .path(0)
                        .path("function")
                        .path("arguments")
                        .asString(""))
            .collect(Collectors.joining());
    assertThat(Json.MAPPER.readTree(arguments).path("days").asInt()).isEqualTo(2);
    assertThat(delta(events.getFirst()).path("tool_calls").path(0).path("id").asString())
        .startsWith("call_");
    assertThat(events.getLast().path("choices").path(0).path("finish_reason").asString())
        .isEqualTo("tool_calls");
    assertThat(billed(response).generatedTokens()).isEqualTo(events.size() - 2);

    String after =
        post(
                "/v1/chat/completions",
                head + ",{\"role\":\"tool\",\"content\":\"sunny\",\"tool_call_id\":\"x\"}]}")
            .body();
    assertThat(events(after).getLast().path("choices").path(0).path("finish_reason").asString())
        .isEqualTo("stop");
  }

  @Test
  void satisfiesASchema() throws Exception {
    String schema =
        "{\"type\":\"object\",\"properties\":{\"name\":{\"type\":\"string\",\"minLength\":20},"
            + "\"kind\":{\"enum\":[\"a\",\"b\"]},\"when\":{\"type\":\"string\",\"format\":\"date\"},"
            + "\"list\":{\"type\":\"array\",\"minItems\":2,\"items\":{\"$ref\":\"#/$defs/point\"}}},"
            + "\"$defs\":{\"point\":{\"type\":\"object\",\"properties\":{\"x\":{\"type\":\"number\"}}}}}";
    JsonNode body =
        answer(
            ",\"max_tokens\":500,\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"s\",\"schema\":"
                + schema
                + "}}");
    JsonNode said =
        Json.MAPPER.readTree(
            body.path("choices").path(0).path("message").path("content").asString());

    assertThat(said.path("name").asString()).hasSizeGreaterThanOrEqualTo(20);
    assertThat(said.path("kind").asString()).isEqualTo("a");
    assertThat(said.path("when").asString()).isEqualTo("2026-01-01");
    assertThat(said.path("list")).hasSize(2);
    assertThat(said.path("list").path(0).path("x").isNumber()).isTrue();
  }

  @Test
  void countsImagesAtAFixedNumber() throws Exception {
    String message =
        "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"hello world\"},"
            + "{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/png;base64,"
            + "A".repeat(20_000)
            + "\"}}]}";
    JsonNode body =
        Json.MAPPER.readTree(
            post(
                    "/v1/chat/completions",
                    "{\"model\":\"faregate/sandbox-fast\",\"messages\":[" + message + "]}")
                .body());

    assertThat(body.path("usage").path("prompt_tokens").asInt()).isEqualTo(8 + 256);
  }

  @Test
  void listsItsModelsWithPrices() throws Exception {
    JsonNode models = get("/v1/models").path("data");

    assertThat(
            StreamSupport.stream(models.spliterator(), false)
                .map(each -> each.path("id").asString()))
        .containsExactly("faregate/sandbox", "faregate/sandbox-fast", "faregate/sandbox-long");
    assertThat(models.path(0).path("pricing").path("input").asInt()).isEqualTo(1);
    assertThat(models.path(0).path("pricing").path("output").asInt()).isEqualTo(10);
    assertThat(models.path(1).path("pricing").path("input")).hasToString("0.1");
    assertThat(models.path(0).path("context_length").asInt()).isEqualTo(65_536);
  }

  @Test
  void refusesWhatIsMalformed() throws Exception {
    assertThat(post("/v1/chat/completions", "{").statusCode()).isEqualTo(400);
    assertThat(post("/v1/chat/completions", "{\"model\":\"x\"}").body())
        .contains("\"param\":\"messages\"");
    assertThat(chat(",\"max_tokens\":0").statusCode()).isEqualTo(400);
    assertThat(chat(",\"max_tokens\":1.5").statusCode()).isEqualTo(400);
    assertThat(chat(",\"n\":-1").body()).contains("\"param\":\"n\"");
    assertThat(chat(",\"sandbox\":{\"typo\":1}").body()).contains("typo");
    assertThat(chat("").body()).contains("chatcmpl");
    HttpResponse<String> unknown =
        post(
            "/v1/chat/completions",
            "{\"model\":\"a/b\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}");
    assertThat(unknown.statusCode()).isEqualTo(404);
    assertThat(unknown.body()).contains("model_not_found");
    HttpResponse<String> tooLong =
        post(
            "/v1/chat/completions",
            "{\"model\":\"faregate/sandbox\",\"messages\":[{\"role\":\"user\",\"content\":\""
                + "word ".repeat(70_000)
                + "\"}]}");
    assertThat(tooLong.body()).contains("context_length_exceeded");
  }

  /// A few bytes can ask for more than the memory holds.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "{'type':'string','minLength':2000000000} | describes a larger value",
        "{'type':'array','minItems':2000000000,'items':{'type':'integer'}} | describes a larger",
        "{'type':'object','required':['a','b','c','d','e','f'],'properties':{'a':{'$ref':'#'},'b':{'$ref':'#'},'c':{'$ref':'#'},'d':{'$ref':'#'},'e':{'$ref':'#'},'f':{'$ref':'#'}}}"
            + " | describes a larger",
      })
  void aSchemaOfMoreThanTheMemoryHoldsIsRefused(String schema, String why) throws Exception {
    HttpResponse<String> response =
        chat(
            ",\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"schema\":"
                + schema.replace('\'', '"')
                + "}}");
    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(response.body()).contains(why);
  }

  @Test
  void anAnswerOfMoreThanTheMemoryHoldsIsRefused() throws Exception {
    HttpResponse<String> many = chat(",\"n\":128,\"sandbox\":{\"overrun\":true,\"tokens\":60000}");
    assertThat(many.statusCode()).isEqualTo(400);
    assertThat(many.body()).contains("\"param\":\"n\"", "Lower 'n'");
    HttpResponse<String> brackets = chat(",\"metadata\":[" + "[],".repeat(600_000) + "[]]");
    assertThat(brackets.statusCode()).isEqualTo(400);
    assertThat(brackets.body()).contains("more values than the sandbox reads");
    HttpResponse<String> named =
        chat(
            ",\"tool_choice\":\"required\",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\""
                + "x".repeat(300)
                + "\"}}]");
    assertThat(named.statusCode()).isEqualTo(400);
    assertThat(named.body()).contains("The name of a function");
  }

  @Test
  void answersAsAPartnersBillingEndpoint() throws Exception {
    String one = billed(chat("")).id();
    JsonNode answer =
        Json.MAPPER.readTree(
            post("/sandbox/billing", "{\"requestIds\":[\"" + one + "\",\"nope\"]}").body());

    assertThat(answer.path("requests")).hasSize(1);
    assertThat(answer.path("requests").path(0).path("requestId").asString()).isEqualTo(one);
    assertThat(answer.path("requests").path(0).path("costNanoUsd").asLong()).isEqualTo(7200);
    assertThat(post("/sandbox/billing", "{\"requestIds\":[\"nope\"]}").body())
        .isEqualTo("{\"requests\":null}");
    assertThat(post("/sandbox/billing", "[]").statusCode()).isEqualTo(400);
    assertThat(get("/sandbox/bill").path("calls").size()).isPositive();
  }

  @Test
  void pacesStreamsOnly() throws Exception {
    long begun = System.nanoTime();
    post(
        "/v1/chat/completions",
        "{\"model\":\"faregate/sandbox\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}");
    long whole = System.nanoTime() - begun;
    begun = System.nanoTime();
    post(
        "/v1/chat/completions",
        "{\"model\":\"faregate/sandbox\",\"stream\":true,\"max_tokens\":20,\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}");
    long stream = System.nanoTime() - begun;

    assertThat(stream / 1_000_000).isGreaterThanOrEqualTo(150 + 19 * 15);
    assertThat(whole).isLessThan(stream);
  }
}
