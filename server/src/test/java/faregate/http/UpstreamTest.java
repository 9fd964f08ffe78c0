package faregate.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import faregate.http.UpstreamException.Stage;
import faregate.kit.Clock;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The upstream client against a peer that misbehaves on bare sockets.
class UpstreamTest {
  private static Vertx vertx;
  private static Context loop;
  private static Upstream upstream;

  @BeforeAll
  static void start() {
    vertx = EventLoops.start(1);
    loop = vertx.getOrCreateContext();
    upstream =
        new Upstream(
            vertx,
            UpstreamSettings.standard().withKeepAlive(Duration.ofMillis(300)),
            Clock.system());
  }

  @AfterAll
  static void stop() {
    upstream.close().await();
    vertx.close().await();
  }

  private static UpstreamRequest request(int port, String body) {
    return new UpstreamRequest(
        UpstreamTarget.parse("http://127.0.0.1:" + port, false, null).target(),
        HttpMethod.POST,
        "/v1/chat?x=1",
        HttpHeaders.headers().add("authorization", "Bearer k"),
        Buffer.buffer(body),
        Duration.ofSeconds(5),
        Duration.ofMillis(700));
  }

  private static UpstreamCall send(UpstreamRequest request) {
    CompletableFuture<UpstreamCall> call = new CompletableFuture<>();
    loop.runOnContext(_ -> call.complete(upstream.send(request)));
    return call.join();
  }

  /// Sends, and reads the whole answer.
  private static String whole(UpstreamRequest request) {
    Promise<String> promise = Promise.promise();
    loop.runOnContext(
        _ -> upstream.send(request).answer().compose(UpstreamTest::read).onComplete(promise));
    return promise.future().await();
  }

  private static Future<String> read(UpstreamAnswer answer) {
    Promise<String> promise = Promise.promise();
    Buffer bytes = Buffer.buffer();
    answer
        .body()
        .handler(bytes::appendBuffer)
        .exceptionHandler(promise::tryFail)
        .endHandler(_ -> promise.complete(answer.status() + " " + bytes))
        .resume();
    return promise.future();
  }

  private static UpstreamException failure(UpstreamRequest request) {
    try {
      String answer = whole(request);
      throw new AssertionError("answered " + answer);
    } catch (UpstreamException expected) {
      return expected;
    }
  }

  @Test
  void sendsWhatItIsGivenAndKeepsTheConnection() throws Exception {
    AtomicReference<String> heard = new AtomicReference<>();
    try (Peer peer =
        new Peer(
            connection -> {
              while (true) {
                heard.set(connection.hear());
                connection.answer("yes");
              }
            })) {
      assertThat(whole(request(peer.port(), "{}"))).isEqualTo("200 yes");
      assertThat(whole(request(peer.port(), "{}"))).isEqualTo("200 yes");
      assertThat(peer.connections()).isEqualTo(1);
      assertThat(heard.get())
          .startsWith("POST /v1/chat?x=1 HTTP/1.1\r\n")
          .contains("authorization: Bearer k\r\n")
          .contains("accept-encoding: identity\r\n")
          .contains("host: 127.0.0.1:" + peer.port() + "\r\n")
          .contains("content-length: 2\r\n")
          .endsWith("\r\n\r\n{}");
    }
  }

  @Test
  void aRestedConnectionIsNotUsedAgain() throws Exception {
    try (Peer peer =
        new Peer(
            connection -> {
              while (true) {
                connection.hear();
                connection.answer("yes");
              }
            })) {
      whole(request(peer.port(), "{}"));
      Thread.sleep(400);
      whole(request(peer.port(), "{}"));
      assertThat(peer.connections()).isEqualTo(2);
    }
  }

  @Test
  void aConnectionThatItsServerClosedIsNotUsedAgain() throws Exception {
    try (Peer peer =
        new Peer(
            connection -> {
              connection.hear();
              connection.answer("yes");
              connection.socket().close();
            })) {
      for (int i = 0; i < 5; i++) {
        assertThat(whole(request(peer.port(), "{}"))).isEqualTo("200 yes");
        Thread.sleep(20);
      }
      assertThat(peer.connections()).isEqualTo(5);
    }
  }

  @Test
  void connectionCloseIsHeeded() throws Exception {
    try (Peer peer =
        new Peer(
            connection -> {
              connection.hear();
              connection.say("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 1\r\n\r\nx");
            })) {
      whole(request(peer.port(), "{}"));
      whole(request(peer.port(), "{}"));
      assertThat(peer.connections()).isEqualTo(2);
    }
  }

  @Test
  void nobodyListensIsNotSent() throws Exception {
    // Taken, so that nobody else gets the port meanwhile, and not listened on.
    try (SocketChannel taken = SocketChannel.open()) {
      taken.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      int port = taken.socket().getLocalPort();
      UpstreamException failure = failure(request(port, "{}"));
      assertThat(failure.stage()).isEqualTo(Stage.NOT_SENT);
      assertThat(failure.isTimeout()).isFalse();
      assertThat(failure).hasMessageContaining("http://127.0.0.1:" + port);
    }
  }

  @Test
  void closedAfterReadingIsAmbiguous() throws Exception {
    try (Peer peer =
        new Peer(
            connection -> {
              connection.hear();
              connection.socket().close();
            })) {
      assertThat(failure(request(peer.port(), "{}")).stage()).isEqualTo(Stage.NOTHING_RECEIVED);
    }
  }

  @Test
  void resetAfterReadingIsAmbiguous() throws Exception {
    try (Peer peer =
        new Peer(
            connection -> {
              connection.hear();
              connection.reset();
            })) {
      assertThat(failure(request(peer.port(), "{}")).stage()).isEqualTo(Stage.NOTHING_RECEIVED);
    }
  }

  @Test
  void resetInTheMiddleOfALargeRequestIsNotSent() throws Exception {
    try (Peer peer =
        new Peer(
            connection -> {
              connection.socket().getInputStream().readNBytes(1000);
              connection.reset();
            })) {
      assertThat(failure(request(peer.port(), "x".repeat(8 << 20))).stage())
          .isEqualTo(Stage.NOT_SENT);
    }
  }

  /// What is told as not sent must not be sent later, when the server reads again.
  @Test
  void aLargeRequestThatIsGivenUpIsNeverSentWhole() throws Exception {
    int length = 32 << 20;
    CompletableFuture<Void> givenUp = new CompletableFuture<>();
    CompletableFuture<Long> came = new CompletableFuture<>();
    try (Peer peer =
        new Peer(
            connection -> {
              givenUp.join();
              came.complete(
                  connection.socket().getInputStream().transferTo(OutputStream.nullOutputStream()));
            })) {
      UpstreamException failure = failure(request(peer.port(), "x".repeat(length)));
      assertThat(failure.stage()).isEqualTo(Stage.NOT_SENT);
      assertThat(failure.isTimeout()).isTrue();
      givenUp.complete(null);
      assertThat(came.get(5, TimeUnit.SECONDS)).isLessThan(length);
    }
  }

  /// Vert.x would take it for the answer, and the answer for that of the next call.
  @ParameterizedTest
  @ValueSource(ints = {101, 102, 199})
  void anInterimAnswerIsNoneAndEndsTheConnection(int status) throws Exception {
    try (Peer peer =
        new Peer(
            connection -> {
              connection.hear();
              if (connection.number() == 1) {
                connection.say("HTTP/1.1 " + status + " Wait\r\n\r\n");
                Thread.sleep(100);
              }
              connection.answer("of connection " + connection.number());
            })) {
      UpstreamException failure = failure(request(peer.port(), "{}"));
      assertThat(failure.stage()).isEqualTo(Stage.NOTHING_RECEIVED);
      assertThat(failure).hasMessageContaining(Integer.toString(status));
      assertThat(whole(request(peer.port(), "{}"))).isEqualTo("200 of connection 2");
    }
  }

  @Test
  void silenceIsATimeout() throws Exception {
    try (Peer peer =
        new Peer(
            connection -> {
              connection.hear();
              Thread.sleep(10_000);
            })) {
      UpstreamException failure = failure(request(peer.port(), "{}"));
      assertThat(failure.stage()).isEqualTo(Stage.NOTHING_RECEIVED);
      assertThat(failure.isTimeout()).isTrue();
    }
  }

  @Test
  void garbageInsteadOfAHeadIsAmbiguous() throws Exception {
    try (Peer peer =
        new Peer(
            connection -> {
              connection.hear();
              connection.say("I am no HTTP server\r\n\r\n");
            })) {
      assertThat(failure(request(peer.port(), "{}")).stage()).isEqualTo(Stage.NOTHING_RECEIVED);
    }
  }

  @Test
  void aBodyCutShortIsBroken() throws Exception {
    try (Peer peer =
        new Peer(
            connection -> {
              connection.hear();
              connection.say("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc");
              connection.socket().close();
            })) {
      assertThat(failure(request(peer.port(), "{}")).stage()).isEqualTo(Stage.BROKEN_BODY);
    }
  }

  @Test
  void aChunkedBodyWithoutItsEndIsBroken() throws Exception {
    try (Peer peer =
        new Peer(
            connection -> {
              connection.hear();
              connection.say("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n");
              connection.reset();
            })) {
      assertThat(failure(request(peer.port(), "{}")).stage()).isEqualTo(Stage.BROKEN_BODY);
    }
  }

  @Test
  void aChunkedBodyWhoseChunkIsTooLongIsBroken() throws Exception {
    try (Peer peer =
        new Peer(
            connection -> {
              connection.hear();
              connection.say("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabcd");
              connection.hear();
            })) {
      assertThat(failure(request(peer.port(), "{}")).stage()).isEqualTo(Stage.BROKEN_BODY);
    }
  }

  @Test
  void aChunkedBodyKeepsTheConnectionWhateverItsPieces() throws Exception {
    String head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    try (Peer peer =
        new Peer(
            connection -> {
              connection.socket().setTcpNoDelay(true);
              connection.hear();
              for (char letter : (head + "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n").toCharArray()) {
                connection.say(String.valueOf(letter));
              }
              connection.hear();
              connection.say(head + "5\r\nhello\r\n0\r\nchecksum: 1\r\n\r\n");
              connection.hear();
              connection.say(head + "5;odd=1\r\nhello\r\n1\r\n!\r\n0\r\n\r\n");
              connection.hear();
              connection.answer("yes");
            })) {
      assertThat(whole(request(peer.port(), "{}"))).isEqualTo("200 hello world");
      assertThat(whole(request(peer.port(), "{}"))).isEqualTo("200 hello");
      assertThat(whole(request(peer.port(), "{}"))).isEqualTo("200 hello!");
      assertThat(whole(request(peer.port(), "{}"))).isEqualTo("200 yes");
      assertThat(peer.connections()).isEqualTo(1);
    }
  }

  @Test
  void redirectsAreNotFollowed() throws Exception {
    try (Peer peer =
        new Peer(
            connection -> {
              connection.hear();
              connection.say("HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\n");
              connection.say("content-length: 0\r\n\r\n");
            })) {
      assertThat(whole(request(peer.port(), "{}"))).isEqualTo("302 ");
    }
  }

  @Test
  void abortIsFeltAtOnce() throws Exception {
    CompletableFuture<Long> felt = new CompletableFuture<>();
    try (Peer peer =
        new Peer(
            connection -> {
              connection.hear();
              int next = connection.socket().getInputStream().read();
              felt.complete(next < 0 ? System.nanoTime() : -1);
            })) {
      UpstreamCall call = send(request(peer.port(), "{}"));
      await().until(() -> peer.connections() == 1);
      Thread.sleep(50);
      long aborted = System.nanoTime();
      loop.runOnContext(_ -> call.abort());
      long millis = TimeUnit.NANOSECONDS.toMillis(felt.get(2, TimeUnit.SECONDS) - aborted);
      assertThat(millis).isBetween(0L, 200L);
      assertThatThrownBy(() -> call.answer().await()).isInstanceOf(UpstreamException.class);
    }
  }

  @Test
  void abortInTheMiddleOfAStreamIsFeltAtOnceAndToldToNobody() throws Exception {
    CompletableFuture<Long> felt = new CompletableFuture<>();
    AtomicReference<Throwable> told = new AtomicReference<>();
    try (Peer peer =
        new Peer(
            connection -> {
              connection.hear();
              connection.say("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n");
              felt.complete(
                  connection.socket().getInputStream().read() < 0 ? System.nanoTime() : -1);
            })) {
      UpstreamCall call = send(request(peer.port(), "{}"));
      CompletableFuture<Buffer> chunk = new CompletableFuture<>();
      call.answer()
          .onSuccess(
              answer ->
                  answer
                      .body()
                      .exceptionHandler(told::set)
                      .endHandler(_ -> told.set(new AssertionError("ended")))
                      .handler(chunk::complete)
                      .resume());
      assertThat(chunk.get(2, TimeUnit.SECONDS)).hasToString("abc");
      long aborted = System.nanoTime();
      loop.runOnContext(_ -> call.abort());
      assertThat(TimeUnit.NANOSECONDS.toMillis(felt.get(2, TimeUnit.SECONDS) - aborted))
          .isBetween(0L, 200L);
      Thread.sleep(50);
      assertThat(told.get()).isNull();
    }
  }

  @Test
  void whatHadComeBeforeAnAbortIsToldToNobody() throws Exception {
    AtomicReference<Object> told = new AtomicReference<>();
    try (Peer peer =
        new Peer(
            connection -> {
              connection.hear();
              connection.say(
                  "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
              connection.hear();
            })) {
      UpstreamCall call = send(request(peer.port(), "{}"));
      UpstreamAnswer answer = call.answer().await();
      CompletableFuture<Boolean> resumed = new CompletableFuture<>();
      loop.runOnContext(
          _ -> {
            call.abort();
            answer
                .body()
                .exceptionHandler(told::set)
                .endHandler(_ -> told.set("the end"))
                .handler(told::set)
                .resume();
            resumed.complete(true);
          });
      resumed.join();
      Thread.sleep(50);
      assertThat(told.get()).isNull();
      assertThat(whole(request(peer.port(), "{}"))).isEqualTo("200 abc");
      assertThat(peer.connections()).isEqualTo(2);
    }
  }

  @Test
  void aStalledReaderStallsTheServer() throws Exception {
    AtomicLong written = new AtomicLong();
    try (Peer peer =
        new Peer(
            connection -> {
              connection.hear();
              connection.socket().setSendBufferSize(64 << 10);
              connection.say("HTTP/1.1 200 OK\r\ncontent-length: 100000000\r\n\r\n");
              byte[] block = new byte[16 << 10];
              while (true) {
                connection.socket().getOutputStream().write(block);
                written.addAndGet(block.length);
              }
            })) {
      UpstreamCall call = send(request(peer.port(), "{}"));
      call.answer().await();
      Thread.sleep(500);
      long stalled = written.get();
      Thread.sleep(300);
      assertThat(written.get()).isEqualTo(stalled).isLessThan(2 << 20);
      loop.runOnContext(_ -> call.abort());
    }
  }

  @Test
  void aStalledReaderStallsAStreamAndMissesNothing() throws Exception {
    AtomicLong written = new AtomicLong();
    String block = "x".repeat(16 << 10);
    int blocks = 2_000;
    try (Peer peer =
        new Peer(
            connection -> {
              connection.hear();
              connection.socket().setSendBufferSize(64 << 10);
              connection.say("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
              for (int i = 0; i < blocks; i++) {
                connection.say("4000\r\n" + block + "\r\n");
                written.addAndGet(block.length());
              }
              connection.say("0\r\n\r\n");
              connection.hear();
              connection.answer("next");
            })) {
      UpstreamAnswer answer = send(request(peer.port(), "{}")).answer().await();
      Thread.sleep(500);
      long stalled = written.get();
      Thread.sleep(300);
      assertThat(written.get()).isEqualTo(stalled).isLessThan(8 << 20);
      AtomicLong read = new AtomicLong();
      CompletableFuture<Long> whole = new CompletableFuture<>();
      loop.runOnContext(
          _ ->
              answer
                  .body()
                  .handler(
                      bytes -> {
                        read.addAndGet(bytes.length());
                        answer.body().pause();
                        vertx.runOnContext(_ -> answer.body().resume());
                      })
                  .endHandler(_ -> whole.complete(read.get()))
                  .resume());
      assertThat(whole.get(10, TimeUnit.SECONDS)).isEqualTo((long) blocks * block.length());
      assertThat(whole(request(peer.port(), "{}"))).isEqualTo("200 next");
      assertThat(peer.connections()).isEqualTo(1);
    }
  }

  @Test
  void namesAreResolvedAndPrivateOnesRefused() throws Exception {
    try (Peer peer =
        new Peer(
            connection -> {
              connection.hear();
              connection.answer("yes");
            })) {
      UpstreamTarget named =
          UpstreamTarget.parse("http://localhost:" + peer.port() + "/p/", false, null).target();
      UpstreamTarget unnamed = new UpstreamTarget(false, "localhost", peer.port(), false, null);
      assertThat(whole(to(named))).isEqualTo("200 yes");
      UpstreamException refused = failure(to(unnamed));
      assertThat(refused.stage()).isEqualTo(Stage.NOT_SENT);
      assertThat(refused).hasMessageContaining("private");
      assertThat(
              failure(to(new UpstreamTarget(false, "no.such.host.invalid", 80, false, null)))
                  .stage())
          .isEqualTo(Stage.NOT_SENT);
    }
  }

  private static UpstreamRequest to(UpstreamTarget target) {
    return new UpstreamRequest(
        target,
        HttpMethod.GET,
        "/",
        HttpHeaders.headers(),
        Buffer.buffer(),
        Duration.ofSeconds(3),
        Duration.ofSeconds(3));
  }

  @Test
  void onlyEventLoopsMaySend() {
    assertThatThrownBy(() -> upstream.send(request(1, "{}")))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void theBoundOfConnectionsIsKept() throws Exception {
    Upstream narrow =
        new Upstream(
            vertx, UpstreamSettings.standard().withConnectionsPerTarget(1), Clock.system());
    try (Peer peer =
        new Peer(
            connection -> {
              connection.hear();
              Thread.sleep(10_000);
            })) {
      Promise<UpstreamAnswer> second = Promise.promise();
      loop.runOnContext(
          _ -> {
            narrow.send(request(peer.port(), "{}"));
            narrow.send(request(peer.port(), "{}")).answer().onComplete(second);
          });
      assertThatThrownBy(() -> second.future().await())
          .isInstanceOf(UpstreamException.class)
          .hasMessageContaining("in use");
    } finally {
      narrow.close().await();
    }
  }

  @Test
  void abortAfterTheEndHarmsNobody() throws Exception {
    try (Peer peer =
        new Peer(
            connection -> {
              while (true) {
                connection.hear();
                connection.answer("yes");
              }
            })) {
      UpstreamCall first = send(request(peer.port(), "{}"));
      Promise<String> read = Promise.promise();
      first.answer().compose(UpstreamTest::read).onComplete(read);
      read.future().await();
      loop.runOnContext(_ -> first.abort());
      whole(request(peer.port(), "{}"));
      assertThat(peer.connections()).isEqualTo(1);
    }
  }

  @Test
  void aServerThatClosesEarlyIsRestedLess() throws Exception {
    try (Peer peer =
        new Peer(
            connection -> {
              connection.hear();
              connection.answer("yes");
              connection.hear();
              connection.socket().close();
            })) {
      whole(request(peer.port(), "{}"));
      Thread.sleep(200);
      assertThat(failure(request(peer.port(), "{}")).stage()).isEqualTo(Stage.NOTHING_RECEIVED);
      whole(request(peer.port(), "{}"));
      Thread.sleep(150);
      assertThat(whole(request(peer.port(), "{}"))).isEqualTo("200 yes");
      assertThat(peer.connections()).isEqualTo(3);
    }
  }
}
