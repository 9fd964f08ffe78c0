package faregate.dialect;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import faregate.money.Nanos;
import faregate.tariff.Meter;
import faregate.tariff.Quantities;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChatAnswerTest {
  private static final Nanos COST = Nanos.of(1_200_000);
  private static final String CHOICES =
      "\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"Hello\"},"
          + "\"finish_reason\":\"stop\"}]";

  private static ChatAnswer answer(String body) {
    return Objects.requireNonNull(ChatAnswer.read(body.getBytes(UTF_8)));
  }

  private static String costed(String body) {
    return new String(answer(body).withCost(COST, Quantities.tokens(3, 1)), UTF_8);
  }

  @Test
  void tellsTheCostInTheUsageAndLeavesEveryOtherByte() {
    assertThat(costed("{ " + CHOICES + ", \"usage\" : {\"prompt_tokens\":3,\"x\":1.0E-9}}"))
        .isEqualTo(
            "{ "
                + CHOICES
                + ", \"usage\" : {\"cost\":0.0012,\"cost_nano_usd\":1200000,"
                + "\"prompt_tokens\":3,\"x\":1.0E-9}}");
  }

  @Test
  void writesAUsageWhereThereIsNone() {
    String usage =
        "{\"cost\":0.0012,\"cost_nano_usd\":1200000,\"prompt_tokens\":3,"
            + "\"completion_tokens\":1,\"total_tokens\":4,\"estimated\":true}";
    assertThat(costed("{" + CHOICES + "}")).isEqualTo("{\"usage\":" + usage + "," + CHOICES + "}");
    assertThat(costed("{" + CHOICES + ",\"usage\":null}"))
        .isEqualTo("{" + CHOICES + ",\"usage\":" + usage + "}");
  }

  @Test
  void keepsAProvidersOwnCostUnderAnotherName() {
    assertThat(costed("{\"usage\":{\"cost\":0.5}}"))
        .isEqualTo("{\"usage\":{\"cost\":0.0012,\"cost_nano_usd\":1200000,\"upstream_cost\":0.5}}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "{\"prompt_tokens\":9,\"completion_tokens\":4} | 9 | 0 | 0 | 4",
        "{\"prompt_tokens\":9,\"completion_tokens\":4,\"prompt_tokens_details\":{\"cached_tokens\":5}}"
            + " | 4 | 5 | 0 | 4",
        "{\"prompt_tokens\":9,\"completion_tokens\":4,\"prompt_tokens_details\":{\"cached_tokens\":99}}"
            + " | 9 | 99 | 0 | 4",
        "{\"prompt_tokens\":9,\"completion_tokens\":4,\"prompt_cache_hit_tokens\":2} | 7 | 2 | 0 |"
            + " 4",
        "{\"prompt_tokens\":9,\"completion_tokens\":4,\"prompt_tokens_details\":null} | 9 | 0 | 0 |"
            + " 4",
        "{\"prompt_tokens\":9,\"completion_tokens\":4,\"cache_creation_input_tokens\":3}"
            + " | 6 | 0 | 3 | 4",
      })
  void countsEachTokenUnderOneMeter(String usage, long in, long cached, long written, long out) {
    Quantities reported =
        Objects.requireNonNull(answer("{" + CHOICES + ",\"usage\":" + usage + "}").reported());
    assertThat(reported.of(Meter.INPUT_TOKEN)).isEqualTo(in);
    assertThat(reported.of(Meter.CACHED_INPUT_TOKEN)).isEqualTo(cached);
    assertThat(reported.of(Meter.CACHE_WRITE_TOKEN)).isEqualTo(written);
    assertThat(reported.of(Meter.OUTPUT_TOKEN)).isEqualTo(out);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "{\"prompt_tokens\":-9,\"completion_tokens\":4}",
        "{\"prompt_tokens\":9}",
        "{\"prompt_tokens\":\"9\",\"completion_tokens\":4}",
        "{\"prompt_tokens\":99999999999999999999,\"completion_tokens\":4}",
        "{\"prompt_tokens\":9,\"completion_tokens\":9223372036854775807}",
        "{}",
      })
  void takesSenselessUsageAsNone(String usage) {
    assertThat(answer("{" + CHOICES + ",\"usage\":" + usage + "}").reported()).isNull();
  }

  @Test
  void collectsAllThatTheModelWrote() {
    ChatAnswer answer =
        answer(
            "{\"choices\":[{\"message\":{\"content\":null,\"reasoning_content\":\"Hm. \","
                + "\"tool_calls\":[{\"id\":\"1\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]}}]}");
    assertThat(answer.text()).isEqualTo("Hm. {}");
    assertThat(answer.isError()).isFalse();
  }

  @Test
  void knowsAnErrorInTheGuiseOfAnAnswer() {
    assertThat(answer("{\"error\":{\"message\":\"overloaded\"}}").isError()).isTrue();
    assertThat(answer("{\"choices\":[{\"finish_reason\":\"error\"}]}").isError()).isTrue();
    assertThat(ChatAnswer.read("<html>".getBytes(UTF_8))).isNull();
  }

  @Test
  void readsChunks() {
    StringBuilder delivered = new StringBuilder();
    byte[] text =
        "{\"choices\":[{\"delta\":{\"content\":\"Hel\"}}],\"usage\":null}".getBytes(UTF_8);
    ChatChunk chunk =
        Objects.requireNonNull(new ChunkReader().read(text, 0, text.length, delivered));
    assertThat(chunk.hasOutput()).isTrue();
    assertThat(chunk.reported()).isNull();
    assertThat(delivered.toString()).isEqualTo("Hel");

    byte[] last =
        "{\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":1}}".getBytes(UTF_8);
    ChatChunk usage =
        Objects.requireNonNull(new ChunkReader().read(last, 0, last.length, delivered));
    assertThat(usage.isUsageOnly()).isTrue();
    assertThat(usage.reported()).isEqualTo(Quantities.tokens(3, 1));
    assertThat(new String(usage.withCost(last, COST), UTF_8))
        .isEqualTo(
            "{\"choices\":[],\"usage\":{\"cost\":0.0012,\"cost_nano_usd\":1200000,"
                + "\"prompt_tokens\":3,\"completion_tokens\":1}}");
  }

  /// Names within names would otherwise be two gigabytes.
  @Test
  void anAbsurdUsageIsNotKept() {
    StringBuilder absurd = new StringBuilder("{\"choices\":[{}],\"usage\":{\"prompt_tokens\":3,");
    absurd.append("\"completion_tokens\":4,\"").append("x".repeat(40_000)).append("\":{\"a\":0");
    for (int key = 0; key < 60_000; key++) {
      absurd.append(",\"").append(key).append("\":1");
    }
    absurd.append("}}}");
    assertThat(answer(absurd.toString()).reported()).isEqualTo(Quantities.tokens(3, 4));
  }

  /// Nobody knows what stands behind that of which there is too much.
  @Test
  void aUsageOfTooManyValuesTellsNothing() {
    String junk =
        IntStream.range(0, 256).mapToObj(key -> "\"" + key + "\":1").collect(joining(","));
    String prompt = "\"prompt_tokens\":3";
    String tokens = "\"completion_tokens\":4";
    assertThat(answer(usage(prompt, tokens)).reported()).isEqualTo(Quantities.tokens(3, 4));
    assertThat(answer(usage(prompt, junk, tokens)).reported()).isNull();
    assertThat(answer(usage(prompt, tokens, junk)).reported()).isNull();
    assertThat(answer(usage(junk, prompt, tokens)).reported()).isNull();
  }

  private static String usage(String... fields) {
    return "{\"choices\":[{}],\"usage\":{" + String.join(",", fields) + "}}";
  }

  @Test
  void countsAPromptAsOpenAiDoes() {
    ChatRequest request =
        ChatRequest.read(
            "{\"model\":\"a/b\",\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}"
                .getBytes(UTF_8));
    assertThat(TokenCount.prompt(request.promptText())).isEqualTo(3 + 3 + 1);
  }
}
