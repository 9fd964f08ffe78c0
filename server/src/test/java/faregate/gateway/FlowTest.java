package faregate.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import faregate.gateway.Client.Answer;
import faregate.gateway.RunningHouse.Guest;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// How a stream flows when one side is slow. Some 20 s, for slowness takes time.
class FlowTest {
  private static final CallSettings QUICK = new CallSettings(30, 4, 4_000, 4, 3, 1, 4, 1 << 20);
  private static final int LONG = 16_384;

  /// What differs from call to call in the bytes of an event.
  private static final Pattern OWN =
      Pattern.compile("\"chatcmpl-[^\"]*|\"created\":\\d+|\"m\\d\"|\"direct\"");

  @TempDir private static Path folder;
  private static RunningHouse house;
  private static Guest guest;

  @BeforeAll
  static void open() throws Exception {
    house = new RunningHouse(folder.resolve("flow.db"), QUICK);
    guest = house.guest("guest");
    house.grant(guest, "5");
  }

  @AfterAll
  static void close() throws Exception {
    assertThat(house.ledger().audit().wrong()).isNull();
    assertThat(house.ledger().holdsOpen()).isZero();
    house.close();
  }

  @ParameterizedTest
  @CsvSource({"m0, 1600, 0", "m1, 0, 1600"})
  void aSilenceIsFilledWithComments(String model, int firstTokenMillis, int chunkMillis)
      throws Exception {
    Client client = new Client(house.port(), guest.token(), "test/" + model + ":one");
    Answer answer =
        client.post(
            client.chat(
                "\"stream\":true",
                "\"sandbox\":{\"tokens\":2,\"first_token_ms\":%d,\"chunk_ms\":%d}"
                    .formatted(firstTokenMillis, chunkMillis)));
    List<String> events = answer.events();
    assertThat(events).contains(": keep-alive");
    assertThat(events.getLast()).isEqualTo("data: [DONE]");
    assertThat(events.stream().filter(event -> event.contains("\"delta\":{\"content\":")))
        .hasSize(2);
    assertThat(house.posted(guest).value()).isPositive();
    assertThat(house.ending(answer.id()).charge().value())
        .isEqualTo(house.bill(answer.id()).costNanoUsd());
  }

  /// An older client is sent plain bytes, another one chunks, which go a way of their own.
  @ParameterizedTest
  @CsvSource({"1.0, m2", "1.1, m3"})
  void aClientThatDoesNotReadStopsTheProviderAndThenGetsAll(String version, String model)
      throws Exception {
    String more =
        "\"stream\":true,\"stream_options\":{\"include_usage\":true},\"max_tokens\":%d,\"sandbox\":{\"tokens\":%d,\"chunk_ms\":0}"
            .formatted(LONG, LONG);
    Client client = new Client(house.port(), guest.token(), "test/" + model + ":one");
    String heard;
    try (Socket socket = new Socket()) {
      socket.setReceiveBufferSize(256 << 10);
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), house.port()));
      socket.setSoTimeout(20_000);
      byte[] asked = client.chat(more).getBytes(StandardCharsets.UTF_8);
      socket
          .getOutputStream()
          .write(
              ("POST /v1/chat/completions HTTP/"
                      + version
                      + "\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer "
                      + guest.token()
                      + "\r\ncontent-length: "
                      + asked.length
                      + "\r\n\r\n")
                  .getBytes(StandardCharsets.ISO_8859_1));
      socket.getOutputStream().write(asked);
      await().ignoreExceptions().until(() -> generated(model) > 100);
      await()
          .atMost(Duration.ofSeconds(10))
          .until(
              () -> {
                int before = generated(model);
                Thread.sleep(1_000);
                return generated(model) == before;
              });
      int stopped = generated(model);
      // Longer than a silent provider is given: its silence is the client's.
      Thread.sleep(3_600);
      assertThat(generated(model)).isEqualTo(stopped).isLessThan(LONG * 3 / 4);
      heard = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
    assertThat(generated(model)).isEqualTo(LONG);
    String body = heard.substring(heard.indexOf("\r\n\r\n") + 4);
    String events = version.equals("1.1") ? unchunked(body) : body;
    assertThat(events).endsWith("\n\ndata: [DONE]\n\n");
    assertSame(answerIn(events), answerIn(direct(client.chat(more), model)));
    assertThat(events).contains("\"cost_nano_usd\":" + house.onlyCall(model).costNanoUsd());
  }

  /// Not compared by AssertJ, which would take long to show how megabytes differ.
  private static void assertSame(String heard, String provided) {
    int at = Arrays.mismatch(heard.toCharArray(), provided.toCharArray());
    assertThat(at)
        .as(
            "every byte is the provider's; from here on not: %s <-> %s",
            around(heard, at), around(provided, at))
        .isEqualTo(-1);
  }

  private static String around(String text, int at) {
    return text.substring(
        Math.clamp(at - 200L, 0, text.length()), Math.clamp(at + 200L, 0, text.length()));
  }

  private static int generated(String model) {
    return house.onlyCall(model).generatedTokens();
  }

  /// The same call without the gateway, of another model so that it is not counted with the first.
  private static String direct(String body, String model) throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(
              HttpRequest.newBuilder(
                      URI.create(
                          "http://127.0.0.1:" + house.providerPort() + "/v1/chat/completions"))
                  .POST(
                      HttpRequest.BodyPublishers.ofString(
                          body.replace("test/" + model + ":one", "direct")))
                  .build(),
              HttpResponse.BodyHandlers.ofString())
          .body();
    }
  }

  private static String unchunked(String body) {
    StringBuilder plain = new StringBuilder();
    int at = 0;
    while (true) {
      int lineEnd = body.indexOf("\r\n", at);
      int size = Integer.parseInt(body.substring(at, lineEnd), 16);
      if (size == 0) {
        assertThat(body.substring(lineEnd)).isEqualTo("\r\n\r\n");
        return plain.toString();
      }
      int end = lineEnd + 2 + size;
      plain.append(body, lineEnd + 2, end);
      assertThat(body.substring(end, end + 2)).isEqualTo("\r\n");
      at = end + 2;
    }
  }

  /// A stream up to the chunk that reports usage, without what is each call's own, and without
  /// comments: one may come when the client begins to read.
  private static String answerIn(String stream) {
    String answer = stream.substring(0, stream.indexOf("\"choices\":[]"));
    return OWN.matcher(answer.replace(": keep-alive\n\n", "")).replaceAll("-");
  }
}
