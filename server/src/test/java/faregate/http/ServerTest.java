package faregate.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import faregate.id.CallId;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// What the server answers, on real sockets.
class ServerTest {
  private static final AtomicLong IDS = new AtomicLong();
  private static Vertx vertx;
  private static Server server;
  private static final CountDownLatch LET_GO = new CountDownLatch(1);
  private static final Collection<String> TOLD = new ConcurrentLinkedQueue<>();
  private static HttpClient client;

  @BeforeAll
  static void start() {
    vertx = EventLoops.start(2);
    Routes routes =
        new Routes()
            .post(
                "/v1/echo",
                visit -> visit.body().onComplete(b -> visit.answerJson(200, b), visit::fail))
            .get("/v1/models", visit -> visit.answerJson(200, Buffer.buffer("\"list\"")))
            .get(
                "/v1/models/{model...}",
                visit -> visit.answerJson(200, Buffer.buffer(visit.parameter("model"))))
            .get("/ask", visit -> visit.answerJson(200, Buffer.buffer("" + visit.query("a"))))
            .get(
                "/broken",
                _ -> {
                  throw new IllegalStateException("secret detail");
                })
            .postBlocking(
                "/slow",
                (_, body) -> {
                  Thread.sleep(20);
                  return Answer.text(200, Thread.currentThread().isVirtual() + " " + body);
                })
            .getBlocking(
                "/refuse",
                (_, _) -> {
                  throw Problem.of(403, "no", "not\nyou\u00e9")
                      .withParam("who")
                      .withRetryAfter(7)
                      .asException();
                })
            .getBlocking(
                "/wait",
                (_, _) -> {
                  LET_GO.await();
                  return Answer.text(200, "gone on");
                })
            .tell((pattern, status, micros) -> TOLD.add(pattern + " " + status + (micros > 0)));
    ServerSettings settings =
        ServerSettings.on("127.0.0.1", 0)
            .withLoops(2)
            .withBodyBytesMax(1 << 20)
            .withTimeouts(Duration.ofMillis(400), Duration.ofMillis(400), Duration.ofSeconds(2));
    server = Server.start(vertx, settings, routes, () -> new CallId(IDS.incrementAndGet())).await();
    client = HttpClient.newHttpClient();
  }

  @Test
  void aQueryThatCannotBeDecodedIsBadInput() throws Exception {
    try (Wire wire = new Wire(server.port())) {
      wire.say("GET /ask?a=%41 HTTP/1.1\r\nhost: a\r\n\r\n");
      assertThat(wire.hearUntil("\r\n\r\nA")).startsWith("HTTP/1.1 200 ");
      wire.say("GET /ask?a=%zz HTTP/1.1\r\nhost: a\r\n\r\n");
      assertThat(wire.hearUntil("%25")).startsWith("HTTP/1.1 400 ");
    }
  }

  /// None can be had while a database is silent for long. A request that is not answered would hang
  /// for as long as its client waits.
  @Test
  void aRequestThatGetsNoIdIsRefused() throws Exception {
    ServerSettings settings =
        ServerSettings.on("127.0.0.1", 0)
            .withTimeouts(Duration.ofMillis(400), Duration.ofSeconds(60), Duration.ofSeconds(60));
    Server without =
        Server.start(
                vertx,
                settings,
                new Routes(),
                () -> {
                  throw new IllegalStateException("no ids left");
                })
            .await();
    try (Wire wire = new Wire(without.port())) {
      for (int round = 0; round < 2; round++) {
        wire.say("POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nhel");
        assertThat(wire.hearUntil("}}"))
            .startsWith("HTTP/1.1 500 ")
            .contains("retry-after: 2", "access-control-allow-origin: *", "ids_unavailable");
        wire.say("lo");
      }
    }
    try (Wire wire = new Wire(without.port())) {
      assertThat(wire.say("nonsense\r\n\r\n").hearAll()).isEmpty();
    }
    try (Wire slow = new Wire(without.port());
        Wire slower = new Wire(without.port())) {
      slow.say("POST /v1/chat");
      slower.say("POST /v1/chat");
      assertThat(slow.hearAll()).isEmpty();
      assertThat(slower.hearAll()).isEmpty();
    }
    without.drain(Duration.ofSeconds(1)).await();
  }

  @Test
  void tellsOfEveryAnswerByItsRoute() throws Exception {
    TOLD.clear();
    send("GET", "/v1/models/a/b", "");
    send("GET", "/nowhere", "");
    send("DELETE", "/v1/models", "");
    await()
        .untilAsserted(
            () ->
                assertThat(TOLD)
                    .containsExactlyInAnyOrder(
                        "/v1/models/{model...} 200true", " 404true", " 405true"));
  }

  /// Threads are cheap, what they wait for is not.
  @Test
  void boundsHowManyHandlersWait() throws Exception {
    List<CompletableFuture<HttpResponse<String>>> all = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      URI wait = URI.create("http://127.0.0.1:" + server.port() + "/wait");
      all.add(
          client.sendAsync(
              HttpRequest.newBuilder(wait).build(), HttpResponse.BodyHandlers.ofString()));
    }
    await().until(() -> all.stream().filter(CompletableFuture::isDone).count() == 300 - 256);
    LET_GO.countDown();
    Map<Integer, Long> statuses = new HashMap<>();
    for (CompletableFuture<HttpResponse<String>> each : all) {
      statuses.merge(each.get().statusCode(), 1L, Long::sum);
    }
    assertThat(statuses).containsOnly(Map.entry(200, 256L), Map.entry(429, 44L));
    assertThat(send("GET", "/wait", "").statusCode()).isEqualTo(200);
  }

  @AfterAll
  static void stop() {
    client.close();
    vertx.close().await();
  }

  private static HttpResponse<String> send(String method, String path, String body)
      throws Exception {
    return client.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
            .method(method, HttpRequest.BodyPublishers.ofString(body))
            .build(),
        BodyHandlers.ofString());
  }

  @Test
  void answersAndNamesTheRequest() throws Exception {
    HttpResponse<String> answer = send("POST", "/v1/echo", "{\"a\":1}");

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo("{\"a\":1}");
    assertThat(answer.headers().firstValue("x-request-id").orElseThrow()).hasSize(13);
    assertThat(answer.headers().firstValue("access-control-allow-origin")).contains("*");
    assertThat(CallId.parse(answer.headers().firstValue("x-request-id").orElseThrow()).value())
        .isPositive();
  }

  @Test
  void refusesUnknownPathsAndWrongMethods() throws Exception {
    HttpResponse<String> unknown = send("GET", "/nowhere", "");
    HttpResponse<String> wrong = send("DELETE", "/v1/echo", "");

    assertThat(unknown.statusCode()).isEqualTo(404);
    assertThat(unknown.body()).isEqualTo("{\"error\":\"Cannot GET /nowhere\"}");
    assertThat(unknown.headers().firstValue("x-error-message")).contains("Cannot GET /nowhere");
    assertThat(unknown.headers().firstValue("x-request-id")).isPresent();
    assertThat(wrong.statusCode()).isEqualTo(405);
    assertThat(wrong.headers().firstValue("allow")).contains("OPTIONS, POST");
    assertThat(wrong.body()).contains("{\"error\":{").contains("\"code\":\"method_not_allowed\"");
  }

  @Test
  void takesTheRestOfThePathDecodedOnce() throws Exception {
    assertThat(send("GET", "/v1/models/org/na%20me%2525", "").body()).isEqualTo("org/na me%25");
    assertThat(send("GET", "/v1/models/org%2Fname", "").body()).isEqualTo("org/name");
    assertThat(send("GET", "/v1/models", "").body()).isEqualTo("\"list\"");
    assertThat(send("GET", "/v1/%6dodels", "").body()).isEqualTo("\"list\"");
    assertThat(send("GET", "/v1%2Fmodels", "").statusCode()).isEqualTo(404);
    assertThat(send("GET", "/v1/models/%2e%2e/x", "").statusCode()).isEqualTo(400);
    assertThat(send("GET", "/v1/models/a%00b", "").statusCode()).isEqualTo(400);
    assertThat(send("GET", "/v1/models/%ff", "").statusCode()).isEqualTo(400);
  }

  @Test
  void answersHeadLikeGetWithoutABody() throws Exception {
    HttpResponse<String> head = send("HEAD", "/v1/models", "");

    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(head.body()).isEmpty();
    assertThat(head.headers().firstValue("content-length")).contains("6");
  }

  @Test
  void runsBlockingHandlersOnVirtualThreads() throws Exception {
    assertThat(send("POST", "/slow", "x").body()).isEqualTo("true x");
  }

  @Test
  void wrapsProblemsAndKeepsHeadersLegal() throws Exception {
    HttpResponse<String> answer = send("GET", "/refuse", "");

    assertThat(answer.statusCode()).isEqualTo(403);
    assertThat(answer.headers().firstValue("x-error-message")).contains("not you?");
    assertThat(answer.headers().firstValue("retry-after")).contains("7");
    assertThat(answer.body()).isEqualTo("{\"error\":\"not\\nyou\u00e9\"}");
  }

  @Test
  void hidesOurOwnFaults() throws Exception {
    HttpResponse<String> answer = send("GET", "/broken", "");

    assertThat(answer.statusCode()).isEqualTo(500);
    assertThat(answer.body())
        .contains("Internal Error")
        .contains(answer.headers().firstValue("x-request-id").orElseThrow())
        .doesNotContain("secret detail");
  }

  @Test
  void letsBrowsersAskFirst() throws Exception {
    HttpResponse<Void> answer =
        client.send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + "/v1/echo"))
                .method("OPTIONS", HttpRequest.BodyPublishers.noBody())
                .header("access-control-request-headers", "authorization,x-hf-bill-to")
                .build(),
            BodyHandlers.discarding());

    assertThat(answer.statusCode()).isEqualTo(204);
    assertThat(answer.headers().firstValue("access-control-allow-methods"))
        .contains("OPTIONS, POST");
    assertThat(answer.headers().firstValue("access-control-allow-headers"))
        .contains("authorization,x-hf-bill-to");
    assertThat(answer.headers().firstValue("access-control-allow-origin")).contains("*");
  }

  @Test
  void keepsAConnectionAfterAnEarlyAnswer() throws Exception {
    try (Wire wire = new Wire(server.port())) {
      wire.say("POST /v1/nowhere HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\n\r\n");
      assertThat(wire.hearUntil("Cannot POST /v1/nowhere\",")).startsWith("HTTP/1.1 404");
      wire.say("abcGET /v1/models HTTP/1.1\r\nhost: x\r\n\r\n");
      assertThat(wire.hearUntil("\"list\"")).contains("HTTP/1.1 200");
    }
  }
}
