package faregate.dialect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ChunkReaderTest {
  /// What a reader that has seen nothing before makes of a chunk.
  private record Read(
      boolean whole, String text, boolean output, boolean error, int finishes, String reported) {}

  private static Read read(ChunkReader reader, String json) {
    byte[] padded = ("data: " + json + "\n\n").getBytes(StandardCharsets.UTF_8);
    StringBuilder text = new StringBuilder("before ");
    ChatChunk chunk = reader.read(padded, 6, padded.length - 8, text);
    assertThat(text).startsWith("before ");
    String told = text.substring(7);
    return chunk == null
        ? new Read(false, told, false, false, 0, "")
        : new Read(
            true,
            told,
            chunk.hasOutput(),
            chunk.isError(),
            chunk.finishes(),
            String.valueOf(chunk.reported()) + chunk.isUsageOnly() + chunk.finishedWithError());
  }

  private static String chunk(String text) {
    return """
    {"id":"a","object":"chat.completion.chunk","created":7,"model":"m","choices":[{"index":0,\
    "delta":{"content":"%s"},"logprobs":null,"finish_reason":null}],"usage":null}\
    """
        .formatted(text);
  }

  @Test
  void aChunkThatDiffersInItsTextOnlyIsNotParsedAgain() {
    ChunkReader reader = new ChunkReader();
    StringBuilder text = new StringBuilder();
    ChatChunk first = of(reader, chunk("One\\n"), text);
    assertThat(of(reader, chunk(" two"), text)).isSameAs(first);
    assertThat(of(reader, chunk(" \\\"three"), text)).isNotSameAs(first);
    assertThat(text).hasToString("One\n two \"three");
  }

  @Test
  void whatIsNotInUtf8IsNoChunk() {
    StringBuilder text = new StringBuilder();
    for (Charset other : List.of(StandardCharsets.UTF_16BE, StandardCharsets.UTF_32LE)) {
      byte[] wide = chunk("One").getBytes(other);
      assertThat(new ChunkReader().read(wide, 0, wide.length, text)).isNull();
      assertThat(ChatAnswer.read(wide)).isNull();
      assertThatThrownBy(() -> ChatRequest.read(wide)).isInstanceOf(BadRequest.class);
    }
    assertThat(text).isEmpty();
  }

  private static @Nullable ChatChunk of(ChunkReader reader, String json, StringBuilder text) {
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    return reader.read(bytes, 0, bytes.length, text);
  }

  /// Whatever came before it, a chunk says the same.
  @Test
  void whatWasReadBeforeChangesNothing() {
    List<String> chunks = new ArrayList<>();
    for (String text :
        List.of(
            "Hello",
            " there",
            "",
            "\\n",
            "\\u00e9",
            "é",
            "日本",
            "\\\"",
            "\\\\",
            "\"",
            "\",\"content\":\"b",
            "a\tb",
            "\"},\"finish_reason\":\"stop\"},{\"index\":1,\"delta\":{\"content\":\"")) {
      chunks.add(chunk(text));
    }
    String plain = chunk("Hello");
    chunks.add(plain.replace("\"finish_reason\":null", "\"finish_reason\":\"stop\""));
    chunks.add(plain.replace("\"finish_reason\":null", "\"finish_reason\":\"error\""));
    chunks.add(
        plain.replace("\"usage\":null", "\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4}"));
    chunks.add(plain.replace("\"usage\":null", "\"error\":{\"message\":\"no\"}"));
    chunks.add(plain.replace("\"content\"", "\"role\""));
    chunks.add(plain.replace("\"content\":\"Hello\"", "\"role\":\"assistant\",\"content\":\"\""));
    chunks.add(
        plain.replace("\"content\":\"Hello\"", "\"reasoning\":\"Well\",\"content\":\"Hello\""));
    chunks.add(plain.replace("\"content\":\"Hello\"", "\"content\":null"));
    chunks.add(
        plain.replace("\"content\":\"Hello\"", "\"content\":\"Hello\",\"content\":\"Again\""));
    chunks.add(plain.replace("\"created\":7", "\"created\":8"));
    chunks.add(plain.replace("\"model\":\"m\"", "\"model\":\"m\",\"content\":\"aside\""));
    chunks.add(plain.substring(0, plain.length() - 1));
    chunks.add(plain.substring(0, plain.indexOf("Hello")));
    chunks.add(
        plain.substring(0, plain.indexOf("Hello")) + plain.substring(plain.indexOf("Hello") + 6));
    chunks.add(plain.replace("\"content\":\"Hello\"", "\"content\":[{\"text\":\"Hello\"}]"));
    chunks.add(plain + "}");
    chunks.add("{}");
    chunks.add("7");
    chunks.add("");

    ChunkReader reader = new ChunkReader();
    Random random = new Random(7);
    for (int i = 0; i < 20_000; i++) {
      String json = chunks.get(random.nextInt(chunks.size()));
      assertThat(read(reader, json)).as(json).isEqualTo(read(new ChunkReader(), json));
    }
    for (String before : chunks) {
      for (String json : chunks) {
        ChunkReader used = new ChunkReader();
        read(used, before);
        assertThat(read(used, json))
            .as("%s after %s", json, before)
            .isEqualTo(read(new ChunkReader(), json));
      }
    }
  }
}
