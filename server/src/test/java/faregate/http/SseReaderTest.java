package faregate.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The splitting of event streams, cut everywhere.
class SseReaderTest {

  /// What a reader made of a stream: each event's data (null for none), and every byte it gave out.
  private record Seen(List<@Nullable String> data, String bytes) {}

  private static Seen read(List<byte[]> chunks) {
    SseReader reader = new SseReader(1 << 20);
    List<@Nullable String> data = new ArrayList<>();
    Buffer all = Buffer.buffer();
    for (byte[] chunk : chunks) {
      reader.read(
          Buffer.buffer(chunk),
          event -> {
            all.appendBuffer(event.bytes());
            data.add(
                event.hasData()
                    ? new String(event.dataArray(), event.dataStart(), event.dataLength(), UTF_8)
                    : null);
          });
    }
    all.appendBuffer(reader.rest());
    return new Seen(data, all.toString());
  }

  static List<String> tricky() {
    return List.of(
        "data: a\n\ndata: b\n\n",
        "data: a\r\n\r\ndata:b\r\n\r\n",
        "data: a\r\rdata: b\r\r",
        "data: a\r\n\ndata: b\n\r\n\r\ndata\n\n",
        "\ufeffdata: first\n\ndata: \ufeffsecond\n\n",
        ": keep-alive\n\n:\n\ndata: x\n\n",
        "event: error\nid: 1\ndata: one\ndata: two\ndata:\ndata: four\n\n",
        "data: {\"t\":\"żółć 漢字 🎈\"}\n\ndata: [DONE]\n\n",
        "data:  two spaces\nretry: 10\n\ndatabase: no\n\ndata : no\n\n",
        "\n\n\r\n\r\ndata: x\n\n\n\n",
        "event: only\r\ndata: x\r\n\r\n: bye\n\ndata: unfinished\n",
        "data: a\r\n\r");
  }

  @ParameterizedTest
  @MethodSource("tricky")
  void noCutChangesWhatIsRead(String stream) {
    byte[] bytes = stream.getBytes(UTF_8);
    List<@Nullable String> data = dataOf(stream);
    for (int first = 0; first <= bytes.length; first++) {
      for (int second = first; second <= bytes.length; second++) {
        Seen seen =
            read(
                List.of(
                    Arrays.copyOfRange(bytes, 0, first),
                    Arrays.copyOfRange(bytes, first, second),
                    Arrays.copyOfRange(bytes, second, bytes.length)));
        assertThat(seen.bytes()).isEqualTo(stream);
        assertThat(withData(seen.data()))
            .as("cut at %d and %d", first, second)
            .isEqualTo(withData(data));
      }
    }
  }

  private static List<@Nullable String> withData(List<@Nullable String> events) {
    return events.stream().filter(event -> event != null).toList();
  }

  /// A second, simple reading of the same rules, by whole text.
  private static List<@Nullable String> dataOf(String stream) {
    String text = stream.startsWith("\ufeff") ? stream.substring(1) : stream;
    List<@Nullable String> events = new ArrayList<>();
    List<String> data = new ArrayList<>();
    String[] lines = text.split("\r\n|\r|\n", -1);
    for (int at = 0; at < lines.length - 1; at++) {
      String line = lines[at];
      if (line.isEmpty()) {
        events.add(data.isEmpty() ? null : String.join("\n", data));
        data.clear();
      } else if (line.equals("data")) {
        data.add("");
      } else if (line.startsWith("data:")) {
        data.add(line.substring(line.startsWith("data: ") ? 6 : 5));
      }
    }
    return events;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void randomStreamsCutAtRandomAreReadTheSame(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    String[] pieces = {
      "data", ":", " ", "\n", "\r", "\r\n", "\n\n", "x", "é", "event: e", "[DONE]"
    };
    for (int round = 0; round < 500; round++) {
      StringBuilder stream = new StringBuilder();
      for (int i = 0; i < 30; i++) {
        stream.append(pieces[random.nextInt(pieces.length)]);
      }
      byte[] bytes = stream.toString().getBytes(UTF_8);
      List<byte[]> chunks = new ArrayList<>();
      for (int from = 0; from < bytes.length; ) {
        int to = Math.min(bytes.length, from + 1 + random.nextInt(9));
        chunks.add(Arrays.copyOfRange(bytes, from, to));
        from = to;
      }
      Seen seen = read(chunks);
      assertThat(seen.bytes()).isEqualTo(stream.toString());
      assertThat(withData(seen.data()))
          .as("seed %d round %d", seed, round)
          .isEqualTo(withData(dataOf(stream.toString())));
    }
  }

  @Test
  void anEventWithinAChunkIsNotCopied() {
    byte[] chunk = "data: {\"a\":1}\n\ndata: [DONE]\n\n".getBytes(UTF_8);
    List<SseEvent> events = new ArrayList<>();
    SseReader reader = new SseReader(1000);

    reader.read(Buffer.buffer(chunk), events::add);

    assertThat(events).hasSize(2);
    assertThat(events.getFirst().array()).isSameAs(events.getLast().dataArray());
    assertThat(events.getFirst().isDone()).isFalse();
    assertThat(events.getLast().isDone()).isTrue();
    assertThat(reader.isBetweenEvents()).isTrue();
    reader.read(Buffer.buffer("data:"), events::add);
    assertThat(reader.isBetweenEvents()).isFalse();
  }

  @Test
  void anEventTooLargeIsRefusedHoweverItIsCut() {
    byte[] event = ("data: " + "x".repeat(92) + "\n\n").getBytes(UTF_8);
    assertThat(read(List.of(event)).data()).hasSize(1);
    new SseReader(100).read(Buffer.buffer(event), _ -> {});
    for (int cut = 0; cut <= event.length; cut++) {
      SseReader reader = new SseReader(99);
      int at = cut;
      assertThatThrownBy(
              () -> {
                reader.read(Buffer.buffer(Arrays.copyOfRange(event, 0, at)), _ -> {});
                reader.read(Buffer.buffer(Arrays.copyOfRange(event, at, event.length)), _ -> {});
              })
          .isInstanceOf(SseReader.EventTooLarge.class)
          .hasMessage(
              String.format(Locale.ROOT, "an event of this stream is larger than %d bytes", 99));
    }
  }

  @Test
  void anEndlessEventIsRefusedBeforeItFillsTheMemory() {
    SseReader reader = new SseReader(10_000);
    Buffer chunk = Buffer.buffer("x".repeat(1000));
    assertThatThrownBy(
            () -> {
              for (int i = 0; i < 11; i++) {
                reader.read(chunk, _ -> {});
              }
            })
        .isInstanceOf(SseReader.EventTooLarge.class);
  }
}
