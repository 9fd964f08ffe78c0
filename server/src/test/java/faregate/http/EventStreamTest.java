package faregate.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import faregate.id.CallId;
import io.vertx.core.Vertx;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// States told as they change, on real sockets.
class EventStreamTest {
  private static final AtomicLong IDS = new AtomicLong();
  private final BlockingQueue<EventStream> streams = new LinkedBlockingQueue<>();
  private final Collection<String> told = new ConcurrentLinkedQueue<>();
  private final AtomicInteger left = new AtomicInteger();
  private final CountDownLatch asked = new CountDownLatch(1);
  private final CountDownLatch slow = new CountDownLatch(1);
  private final Vertx vertx = EventLoops.start(2);
  private final HttpClient client = HttpClient.newHttpClient();
  private Server server;

  @BeforeEach
  void start() {
    Routes routes =
        new Routes()
            .getStreaming(
                "/state",
                _ ->
                    stream -> {
                      stream.onEnd(left::incrementAndGet);
                      stream.send(bytes("1"));
                      streams.add(stream);
                    })
            .getStreaming(
                "/late",
                _ -> {
                  asked.countDown();
                  slow.await();
                  return stream -> stream.send(bytes("\"late\""));
                })
            .tell((pattern, status, micros) -> told.add(pattern + " " + status + (micros > 0)))
            .getStreaming(
                "/refused",
                _ -> {
                  throw Problem.of(403, "no", "not you").asException();
                });
    ServerSettings settings =
        ServerSettings.on("127.0.0.1", 0)
            .withLoops(2)
            .withTimeouts(Duration.ofMillis(400), Duration.ofMillis(400), Duration.ofSeconds(6));
    server = Server.start(vertx, settings, routes, () -> new CallId(IDS.incrementAndGet())).await();
  }

  @AfterEach
  void stop() {
    slow.countDown();
    client.close();
    vertx.close().await();
  }

  private static byte[] bytes(String json) {
    return json.getBytes(StandardCharsets.UTF_8);
  }

  private EventStream stream() throws InterruptedException {
    EventStream stream = streams.poll(5, TimeUnit.SECONDS);
    assertThat(stream).isNotNull();
    return stream;
  }

  private HttpRequest request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path)).build();
  }

  private BufferedReader listen(String path) throws IOException, InterruptedException {
    HttpResponse<InputStream> answer = client.send(request(path), BodyHandlers.ofInputStream());
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("content-type"))
        .hasValue("text/event-stream; charset=utf-8");
    assertThat(answer.headers().firstValue("x-request-id")).isPresent();
    return new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8));
  }

  @Test
  void tellsWhatChangesAndFillsSilences() throws Exception {
    try (BufferedReader lines = listen("/state")) {
      assertThat(lines.readLine()).isEqualTo("data: 1");
      EventStream stream = stream();
      assertThat(told).as("when it begins").containsExactly("/state 200true");
      stream.send(bytes("2"));
      assertThat(List.of(lines.readLine(), lines.readLine(), lines.readLine()))
          .containsExactly("", "data: 2", "");
      assertThat(lines.readLine()).as("after a silence").isEqualTo(": keep-alive");
      assertThat(List.of(lines.readLine(), lines.readLine()))
          .as("and after the next one")
          .containsExactly("", ": keep-alive");
      stream.end(bytes("\"bye\""));
      assertThat(lines.lines().filter(line -> line.startsWith("data")))
          .containsExactly("data: \"bye\"");
    }
    await().untilAsserted(() -> assertThat(left).hasValue(1));
    assertThat(told).as("once").hasSize(1);
  }

  @Test
  void noticesThatAClientLeft() throws Exception {
    listen("/state").close();
    await().untilAsserted(() -> assertThat(left).hasValue(1));
    EventStream stream = stream();
    stream.send(bytes("2"));
    stream.end(bytes("3"));
    assertThat(left).hasValue(1);
  }

  @Test
  void refusesAsAnyRoute() throws Exception {
    HttpResponse<String> refused = client.send(request("/refused"), BodyHandlers.ofString());
    assertThat(refused.statusCode()).isEqualTo(403);
    assertThat(refused.body()).contains("not you");
    await().untilAsserted(() -> assertThat(told).containsExactly("/refused 403true"));
    HttpRequest head = HttpRequest.newBuilder(request("/state"), (_, _) -> true).HEAD().build();
    HttpResponse<String> answer = client.send(head, BodyHandlers.ofString());
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEmpty();
    await().untilAsserted(() -> assertThat(left).hasValue(1));
  }

  /// Nothing piles up for a slow reader, and what it reads at last is the present.
  @Test
  void onlyTheNewestCounts() throws Exception {
    try (Socket socket = connect()) {
      EventStream stream = stream();
      int last = 2_000;
      String padding = "x".repeat(2000);
      for (int state = 2; state <= last; state++) {
        stream.send(bytes("\"%s %d\"".formatted(padding, state)));
      }
      BufferedReader lines =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
      int read = 0;
      String line = "";
      while (!line.endsWith(" " + last + "\"")) {
        line = lines.readLine();
        assertThat(line).isNotNull();
        read += line.startsWith("data: ") ? 1 : 0;
      }
      assertThat(read).isLessThan(last - 1);
    }
    await().untilAsserted(() -> assertThat(left).hasValue(1));
  }

  @Test
  void cutsOffWhoReadsNothing() throws Exception {
    try (Socket _ = connect()) {
      EventStream stream = stream();
      byte[] large = bytes("\"" + "x".repeat(8 << 20) + "\"");
      stream.send(large);
      await().untilAsserted(() -> assertThat(left).hasValue(1));
    }
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket();
    socket.setReceiveBufferSize(4096);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()));
    socket.setSoTimeout(10_000);
    socket.getOutputStream().write(bytes("GET /state HTTP/1.1\r\nhost: x\r\n\r\n"));
    return socket;
  }

  /// Streams would last for ever; an orderly stop ends them at once, also one that is about to
  /// begin.
  @Test
  void aStopEndsThem() throws Exception {
    try (BufferedReader lines = listen("/state")) {
      assertThat(lines.readLine()).isEqualTo("data: 1");
      var late = client.sendAsync(request("/late"), BodyHandlers.ofString());
      assertThat(asked.await(5, TimeUnit.SECONDS)).isTrue();
      stream().send(bytes("2"));
      long began = System.nanoTime();
      var drained = server.drain(Duration.ofSeconds(20));
      assertThat(lines.lines()).endsWith("data: 2", "");
      slow.countDown();
      assertThat(late.get(5, TimeUnit.SECONDS).body()).isEqualTo("data: \"late\"\n\n");
      drained.await();
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(5));
    }
  }
}
