package faregate.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import faregate.id.CallId;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// What the server puts up with, said by a bare socket.
class ServerLimitsTest {
  private static final int BODY_MAX = 1 << 20;
  private static final int LARGE = 8 << 20;
  private static final AtomicLong IDS = new AtomicLong();
  private static final AtomicInteger FAILED_BODIES = new AtomicInteger();
  private static Vertx vertx;
  private static Server server;

  @BeforeAll
  static void start() {
    vertx = EventLoops.start(1);
    Routes routes =
        new Routes()
            .post(
                "/v1/echo",
                visit ->
                    visit
                        .body()
                        .onComplete(
                            body -> visit.answerJson(200, body),
                            failure -> {
                              FAILED_BODIES.incrementAndGet();
                              visit.fail(failure);
                            }))
            .getBlocking("/v1/blocking", (_, body) -> Answer.text(200, "took " + body.length()))
            .postHidden(
                "/hidden/{any}",
                visit -> "knock".equals(visit.header("knock")),
                (_, _) -> Answer.text(200, "inside"))
            .get("/v1/flood", ServerLimitsTest::flood)
            .get("/v1/large", visit -> visit.answer(Answer.text(200, "x".repeat(LARGE))))
            .get(
                "/v1/wait",
                visit -> vertx.setTimer(900, _ -> visit.answer(Answer.text(200, "waited"))));
    ServerSettings settings =
        ServerSettings.on("127.0.0.1", 0)
            .withLoops(1)
            .withBodyBytesMax(BODY_MAX)
            .withTimeouts(Duration.ofMillis(300), Duration.ofMillis(300), Duration.ofMillis(600));
    server = Server.start(vertx, settings, routes, () -> new CallId(IDS.incrementAndGet())).await();
  }

  @AfterAll
  static void stop() {
    vertx.close().await();
  }

  private static String all(String... said) throws Exception {
    try (Wire wire = new Wire(server.port())) {
      for (String each : said) {
        wire.say(each);
      }
      return wire.hearAll();
    }
  }

  @Test
  void malformedHttpIs400() throws Exception {
    assertThat(all("what is this\r\n\r\n"))
        .contains(" 400 Bad Request")
        .contains("x-request-id: ")
        .contains("not well-formed HTTP");
  }

  @Test
  void headersTooLargeAre431() throws Exception {
    assertThat(all("GET / HTTP/1.1\r\nx: " + "a".repeat(17 << 10) + "\r\n\r\n"))
        .startsWith("HTTP/1.1 431")
        .contains("x-error-message: ");
  }

  @Test
  void aFirstLineTooLongIs414() throws Exception {
    assertThat(all("GET /" + "a".repeat(9 << 10) + " HTTP/1.1\r\n\r\n")).contains(" 414 ");
  }

  @Test
  void anAnnouncedBodyTooLargeIs413BeforeItIsRead() throws Exception {
    assertThat(all("POST /v1/echo HTTP/1.1\r\nhost: x\r\ncontent-length: 1048577\r\n\r\n"))
        .startsWith("HTTP/1.1 413")
        .contains("connection: close")
        .contains("1048576 bytes");
  }

  /// A head is cheap to send; a hundred of them must not cost 3 GiB.
  @Test
  void announcedBodiesTakeNoMemoryBeforeTheyCome() throws Exception {
    AtomicInteger reading = new AtomicInteger();
    Routes routes =
        new Routes()
            .get("/up", visit -> visit.answer(Answer.text(200, "up")))
            .post(
                "/large",
                visit -> {
                  visit.body().onComplete(_ -> {}, visit::fail);
                  reading.incrementAndGet();
                });
    ServerSettings settings = ServerSettings.on("127.0.0.1", 0).withLoops(1);
    Server other =
        Server.start(vertx, settings, routes, () -> new CallId(IDS.incrementAndGet())).await();
    List<Wire> wires = new ArrayList<>();
    long before = heapUsed();
    try {
      for (int i = 0; i < 100; i++) {
        Wire wire = new Wire(other.port());
        wires.add(wire);
        wire.say("POST /large HTTP/1.1\r\nhost: x\r\ncontent-length: 33554432\r\n\r\n");
      }
      await().until(() -> reading.get() == 100);
      assertThat(heapUsed() - before).isLessThan(32 << 20);
      try (Wire wire = new Wire(other.port())) {
        wire.say("GET /up HTTP/1.1\r\nhost: x\r\n\r\n");
        assertThat(wire.hearUntil("up")).startsWith("HTTP/1.1 200");
      }
    } finally {
      for (Wire wire : wires) {
        wire.close();
      }
      other.drain(Duration.ZERO).await();
    }
  }

  private static long heapUsed() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  @Test
  void blockingRoutesTakeSmallBodiesOnly() throws Exception {
    assertThat(all("GET /v1/blocking HTTP/1.1\r\nhost: x\r\ncontent-length: 65537\r\n\r\n"))
        .startsWith("HTTP/1.1 413")
        .contains("65536 bytes");
    try (Wire wire = new Wire(server.port())) {
      wire.say("GET /v1/blocking HTTP/1.1\r\nhost: x\r\ncontent-length: 65536\r\n\r\n");
      wire.say("b".repeat(1 << 16));
      assertThat(wire.hearUntil("took 65536")).startsWith("HTTP/1.1 200");
    }
  }

  /// Those outside the door cannot tell it from a path that is not there, not even by their body.
  @Test
  void aHiddenRouteIsNotThereForStrangers() throws Exception {
    for (String method : List.of("GET", "HEAD", "POST", "DELETE", "OPTIONS")) {
      String there = strip(all(head(method, "/hidden/x")));
      assertThat(there).as(method).isEqualTo(strip(all(head(method, "/nothin/x"))));
      assertThat(there).as(method).startsWith(method.equals("OPTIONS") ? "204" : "404");
    }
    try (Wire wire = new Wire(server.port())) {
      wire.say("POST /hidden/x HTTP/1.1\r\nhost: x\r\nknock: knock\r\ncontent-length: 0\r\n\r\n");
      assertThat(wire.hearUntil("inside")).startsWith("HTTP/1.1 200");
    }
  }

  private static String head(String method, String path) {
    return method
        + " "
        + path
        + " HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 1048576\r\n\r\n";
  }

  private static String strip(String answer) {
    return answer
        .substring("HTTP/1.1 ".length())
        .replaceAll("x-request-id: \\w+", "")
        .replace("hidden", "nothin");
  }

  @Test
  void aChunkedBodyTooLargeIs413AndTheAnswerArrives() throws Exception {
    String chunk = "10000\r\n" + "a".repeat(1 << 16) + "\r\n";
    try (Wire wire = new Wire(server.port())) {
      wire.say("POST /v1/echo HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n");
      for (int i = 0; i < 80; i++) {
        wire.say(chunk);
      }
      wire.say("0\r\n\r\n");
      assertThat(wire.hearAll()).startsWith("HTTP/1.1 413").contains("request_too_large");
    }
  }

  @Test
  void aBodyOfExactlyTheLimitPasses() throws Exception {
    try (Wire wire = new Wire(server.port())) {
      wire.say("POST /v1/echo HTTP/1.1\r\nhost: x\r\ncontent-length: " + BODY_MAX + "\r\n\r\n");
      wire.say("b".repeat(BODY_MAX) + "");
      assertThat(wire.hearUntil("\r\n\r\n")).startsWith("HTTP/1.1 200");
    }
  }

  @Test
  void halfAHeadIs408() throws Exception {
    assertThat(all("POST /v1/echo HTTP/1.1\r\nhost"))
        .startsWith("HTTP/1.1 408")
        .contains("x-request-id: ")
        .contains("{\"error\":{\"message\":\"The head of this request did not come in time\"")
        .contains("\"code\":\"slow_sender\"");
    assertThat(all("GET /api/whoami-v2 HTTP/1.1\r\nhost"))
        .startsWith("HTTP/1.1 408")
        .contains("{\"error\":\"The head of this request did not come in time\"}");
  }

  @Test
  void halfABodyIs408() throws Exception {
    assertThat(all("POST /v1/echo HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nabc"))
        .startsWith("HTTP/1.1 408")
        .contains("slow_sender");
  }

  @Test
  void aDrippingBodyIs408() throws Exception {
    try (Wire wire = new Wire(server.port())) {
      wire.say("POST /v1/echo HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n");
      for (int i = 0; i < 20; i++) {
        wire.say("a");
        Thread.sleep(20);
      }
      assertThat(wire.hearAll()).startsWith("HTTP/1.1 408");
    }
  }

  @Test
  void aClientThatLeavesInItsBodyIsNoticed() throws Exception {
    int before = FAILED_BODIES.get();
    try (Wire wire = new Wire(server.port())) {
      wire.say("POST /v1/echo HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nabc");
    }
    await().until(() -> FAILED_BODIES.get() > before);
  }

  @Test
  void aRestingConnectionIsClosedAndAWorkingOneIsNot() throws Exception {
    assertThat(all("")).isEmpty();
    assertThat(all("GET /v1/wait HTTP/1.1\r\nhost: x\r\n\r\n"))
        .startsWith("HTTP/1.1 200")
        .endsWith("waited");
  }

  @Test
  void aBadContentLengthIs400() throws Exception {
    assertThat(all("POST /v1/echo HTTP/1.1\r\nhost: x\r\ncontent-length: -5\r\n\r\n"))
        .startsWith("HTTP/1.1 400");
    assertThat(all("POST /v1/echo HTTP/1.1\r\nhost: x\r\ncontent-length: abc\r\n\r\n"))
        .startsWith("HTTP/1.1 400");
  }

  @Test
  void askingBeforeSendingIsAnswered() throws Exception {
    try (Wire wire = new Wire(server.port())) {
      wire.say(
          "POST /v1/echo HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n");
      assertThat(wire.hearUntil("\r\n\r\n")).startsWith("HTTP/1.1 100");
      wire.say("{}");
      assertThat(wire.hearUntil("{}")).startsWith("HTTP/1.1 200");
    }
  }

  @Test
  void twoRequestsAtOnceAreAnsweredInOrder() throws Exception {
    try (Wire wire = new Wire(server.port())) {
      wire.say(
          "GET /v1/wait HTTP/1.1\r\nhost: x\r\n\r\n"
              + "POST /v1/echo HTTP/1.1\r\nhost: x\r\ncontent-length: 6\r\n\r\n\"next\"");
      String heard = wire.hearUntil("\"next\"");
      assertThat(heard.indexOf("waited")).isPositive().isLessThan(heard.indexOf("\"next\""));
    }
  }

  private static final AtomicLong FLOODED = new AtomicLong();
  private static final AtomicInteger LEFT = new AtomicInteger();

  private static void flood(Visit visit) {
    visit.response().setChunked(true);
    visit.onLeave(LEFT::incrementAndGet);
    pour(visit);
  }

  private static void pour(Visit visit) {
    Buffer block = Buffer.buffer(new byte[8 << 10]);
    while (!visit.isOver() && !visit.response().writeQueueFull() && FLOODED.get() < 100 << 20) {
      visit.response().write(block);
      FLOODED.addAndGet(block.length());
    }
    visit.response().drainHandler(_ -> pour(visit));
  }

  @Test
  void aStalledReaderHoldsLittleMemory() throws Exception {
    try (Wire wire = new Wire(server.port())) {
      wire.socket().setReceiveBufferSize(32 << 10);
      wire.say("GET /v1/flood HTTP/1.1\r\nhost: x\r\n\r\n");
      await().until(() -> FLOODED.get() > 0);
      Thread.sleep(300);
      long then = FLOODED.get();
      Thread.sleep(200);
      assertThat(FLOODED.get()).isEqualTo(then).isLessThan(3 << 20);
    }
  }

  /// Its connection and what it does not take would stay for ever.
  @Test
  void aClientThatTakesNothingIsCutOff() throws Exception {
    try (Wire wire = new Wire(server.port())) {
      wire.socket().setReceiveBufferSize(32 << 10);
      wire.say("GET /v1/large HTTP/1.1\r\nhost: x\r\n\r\n");
      Thread.sleep(2_000);
      byte[] heard = wire.socket().getInputStream().readNBytes(LARGE);
      assertThat(new String(heard, StandardCharsets.US_ASCII))
          .startsWith("HTTP/1.1 200")
          .hasSizeLessThan(LARGE);
    }
  }

  @Test
  void aStreamOfWhichNothingIsTakenIsOver() throws Exception {
    int before = LEFT.get();
    try (Wire wire = new Wire(server.port())) {
      wire.socket().setReceiveBufferSize(32 << 10);
      wire.say("GET /v1/flood HTTP/1.1\r\nhost: x\r\n\r\n");
      await().until(() -> LEFT.get() > before);
    }
  }

  @Test
  void aClientThatTakesALargeAnswerSlowlyIsGivenAllOfIt() throws Exception {
    try (Wire wire = new Wire(server.port())) {
      wire.socket().setReceiveBufferSize(32 << 10);
      wire.say("GET /v1/large HTTP/1.1\r\nhost: x\r\n\r\n");
      int heard = 0;
      while (heard < LARGE) {
        int more = wire.socket().getInputStream().readNBytes(128 << 10).length;
        assertThat(more).as("after %d bytes", heard).isPositive();
        heard += more;
        Thread.sleep(25);
      }
    }
  }

  @Test
  void allBodiesTogetherHaveABoundAndGiveTheirMemoryBack() throws Exception {
    Routes routes =
        new Routes()
            .post(
                "/v1/take",
                visit ->
                    visit
                        .body()
                        .onComplete(
                            body -> visit.answer(Answer.text(200, "took " + body.length())),
                            visit::fail));
    ServerSettings settings =
        ServerSettings.on("127.0.0.1", 0)
            .withLoops(1)
            .withBodyBytesMax(BODY_MAX)
            .withBodiesBytesMax(BODY_MAX);
    Server other =
        Server.start(vertx, settings, routes, () -> new CallId(IDS.incrementAndGet())).await();
    String head = "POST /v1/take HTTP/1.1\r\nhost: x\r\ncontent-length: 700000\r\n\r\n";
    String body = "b".repeat(700_000);
    try (Wire reading = new Wire(other.port())) {
      for (int answered = 0; answered < 5; answered++) {
        reading.say(head).say(body);
        reading.hearUntil("took 700000");
      }
      reading.say(head).say(body.substring(1));
      await()
          .untilAsserted(
              () -> {
                try (Wire wire = new Wire(other.port())) {
                  wire.say(head).say(body);
                  assertThat(wire.hearUntil("}}"))
                      .startsWith("HTTP/1.1 429")
                      .contains("retry-after: 1");
                }
              });
    }
    await()
        .untilAsserted(
            () -> {
              try (Wire wire = new Wire(other.port())) {
                wire.say(head).say(body);
                assertThat(wire.hearUntil("\r\n\r\n")).startsWith("HTTP/1.1 200");
              }
            });
    other.drain(Duration.ZERO).await();
  }

  /// Bytes without a length end with their connection, whatever else the client asked for.
  @Test
  void aStreamToAnOlderClientEndsWithItsConnection() throws Exception {
    Routes routes =
        new Routes()
            .get(
                "/pieces",
                visit -> {
                  Chunks chunks = visit.chunks();
                  chunks.write(new byte[] {'a'}, 0, 1);
                  chunks.end(Buffer.buffer("z"));
                });
    Server other =
        Server.start(
                vertx,
                ServerSettings.on("127.0.0.1", 0).withLoops(1),
                routes,
                () -> new CallId(IDS.incrementAndGet()))
            .await();
    try (Wire wire = new Wire(other.port())) {
      wire.say("GET /pieces HTTP/1.0\r\nconnection: keep-alive\r\n\r\n");
      assertThat(wire.hearAll()).endsWith("\r\n\r\naz");
    }
    other.drain(Duration.ZERO).await();
  }

  @Test
  void drainingLetsTheRunningFinishAndTakesNobodyElse() throws Exception {
    Routes routes =
        new Routes()
            .get(
                "/wait",
                visit -> vertx.setTimer(300, _ -> visit.answer(Answer.text(200, "waited"))));
    Server other =
        Server.start(
                vertx,
                ServerSettings.on("127.0.0.1", 0).withLoops(1),
                routes,
                () -> new CallId(IDS.incrementAndGet()))
            .await();
    try (Wire idle = new Wire(other.port());
        Wire busy = new Wire(other.port())) {
      busy.say("GET /wait HTTP/1.1\r\nhost: x\r\n\r\n");
      Thread.sleep(100);
      long begun = System.nanoTime();
      Future<Void> drained = other.drain(Duration.ofSeconds(10));
      assertThat(busy.hearAll()).startsWith("HTTP/1.1 200").endsWith("waited");
      drained.await();
      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(3));
      assertThat(idle.hearAll()).isEmpty();
      assertThatThrownBy(() -> new Wire(other.port())).isInstanceOf(IOException.class);
    }
  }
}
