package faregate.http;

import static org.assertj.core.api.Assertions.assertThat;

import faregate.id.CallId;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// What the server answers, on real sockets.
class ServerTest {
  private static final AtomicLong IDS = new AtomicLong();
  private static Vertx vertx;
  private static Server server;
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
                  throw Problem.of(403, "no", "not\nyou")
                      .withParam("who")
                      .withRetryAfter(7)
                      .asException();
                });
    ServerSettings settings =
        ServerSettings.on("127.0.0.1", 0)
            .withLoops(2)
            .withBodyBytesMax(1 << 20)
            .withTimeouts(Duration.ofMillis(400), Duration.ofMillis(400), Duration.ofSeconds(2));
    server = Server.start(vertx, settings, routes, () -> new CallId(IDS.incrementAndGet())).await();
    client = HttpClient.newHttpClient();
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
}
