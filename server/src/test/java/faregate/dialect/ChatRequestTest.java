package faregate.dialect;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChatRequestTest {
  private static final String HELLO = "\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]";

  private static ChatRequest read(String body) {
    return ChatRequest.read(body.getBytes(UTF_8));
  }

  private static String spliced(String body, long limit) {
    return new String(read(body).forUpstream("up/m", limit, "max_tokens"), UTF_8);
  }

  @Test
  void readsWhatWeActUpon() {
    ChatRequest request =
        read(
            "{"
                + HELLO
                + ",\"stream\":true,\"stream_options\":{\"include_usage\":true},\"max_tokens\":7,"
                + "\"n\":2,\"tools\":[{\"type\":\"function\"}],"
                + "\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{}},"
                + "\"model\":\"org/name:groq\"}");
    assertThat(request.model()).isEqualTo("org/name:groq");
    assertThat(request.isStream()).isTrue();
    assertThat(request.wantsUsage()).isTrue();
    assertThat(request.outputLimit()).isEqualTo(7);
    assertThat(request.choices()).isEqualTo(2);
    assertThat(request.hasTools()).isTrue();
    assertThat(request.wantsSchema()).isTrue();
  }

  @Test
  void splicesTheModelAndLeavesEveryOtherByte() {
    String odd =
        "{ \"model\" :\"a/b\" ,\n\t" + HELLO + ", \"temperature\":1e-9, \"x\":\"\\u00e9é\" }";
    assertThat(spliced(odd, 0)).isEqualTo(odd.replace("\"a/b\"", "\"up/m\""));
  }

  @Test
  void addsTheLimitWhereTheClientIsSilent() {
    assertThat(spliced("{\"model\":\"a/b\"," + HELLO + "}", 1024))
        .isEqualTo("{\"max_tokens\":1024,\"model\":\"up/m\"," + HELLO + "}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "\"max_tokens\":9000 | \"max_tokens\":64",
        "\"max_tokens\": null | \"max_tokens\": 64",
        "\"max_completion_tokens\":9000 | \"max_tokens\":64",
        "\"max_completion_tokens\" : null | \"max_tokens\" : 64",
        "\"max_completion_tok\\u0065ns\":1 | \"max_tokens\":64",
        "\"max_tokens\":7,\"max_completion_tokens\":9 | \"max_tokens\":64",
        "\"max_completion_tokens\": 9 ,\"max_tokens\":7 | \"max_tokens\":64",
      })
  void putsTheLimitIntoTheProvidersField(String said, String sent) {
    assertThat(spliced("{\"model\":\"a/b\"," + said + "," + HELLO + "}", 64))
        .isEqualTo("{\"model\":\"up/m\"," + sent + "," + HELLO + "}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "{\"max_tokens\":7,%s} | {\"max_completion_tokens\":64,%s}",
        "{ \"max_tokens\" :\t7 ,%s} | { \"max_completion_tokens\" :\t64 ,%s}",
        "{%s, \"max_tokens\":7} | {%s, \"max_completion_tokens\":64}",
        "{\"max_tokens\":7,\"max_completion_tokens\":9,%s} | {\"max_completion_tokens\":64,%s}",
        "{\"max_completion_tokens\":9,%s , \"max_tokens\":7 } |"
            + " {\"max_completion_tokens\":64,%s  }",
        "{%s,\"max_completion_tokens\":9,\"max_tokens\":null} |"
            + " {%s,\"max_completion_tokens\":64}",
      })
  void renamesTheLimitForAProviderThatCallsItOtherwise(String said, String sent) {
    String rest = "\"model\":\"a/b\", \"x\":\"max_tokens\"," + HELLO;
    byte[] spliced = read(said.replace("%s", rest)).forUpstream("a/b", 64, "max_completion_tokens");
    assertThat(new String(spliced, UTF_8)).isEqualTo(sent.replace("%s", rest));
  }

  /// Both changes begin behind the opening brace.
  @Test
  void asksForUsageWhereTheFirstFieldIsDropped() {
    String rest = "\"max_tokens\":8,\"stream\":true,\"model\":\"a/b\"," + HELLO + "}";
    assertThat(spliced("{\"max_completion_tokens\":9," + rest, 8).replace("up/m", "a/b"))
        .isEqualTo("{\"stream_options\":{\"include_usage\":true}," + rest);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "\"stream_options\":null | \"stream_options\":{\"include_usage\":true}",
        "\"stream_options\":{ } | \"stream_options\":{\"include_usage\":true}",
        "\"stream_options\":{\"include_usage\":false} |"
            + " \"stream_options\":{\"include_usage\":true}",
        "\"stream_options\":{\"x\":1} | \"stream_options\":{\"include_usage\":true,\"x\":1}",
        "\"stream_options\":{\"include_usage\":true} | \"stream_options\":{\"include_usage\":true}"
      })
  void alwaysAsksForUsageOfAStream(String said, String sent) {
    assertThat(spliced("{\"model\":\"a/b\",\"stream\":true," + said + "," + HELLO + "}", 0))
        .isEqualTo("{\"model\":\"up/m\",\"stream\":true," + sent + "," + HELLO + "}");
  }

  @Test
  void addsStreamOptionsWhereThereAreNone() {
    assertThat(spliced("{\"model\":\"a/b\",\"stream\":true," + HELLO + "}", 0))
        .isEqualTo(
            "{\"stream_options\":{\"include_usage\":true},\"model\":\"up/m\",\"stream\":true,"
                + HELLO
                + "}");
  }

  @Test
  void boundsTheTextFromAboveAndLeavesMediaOut() {
    String text = "x".repeat(1_000);
    ChatRequest plain =
        read("{\"model\":\"a/b\",\"messages\":[{\"role\":\"user\",\"content\":\"" + text + "\"}]}");
    assertThat(plain.textTokensMax()).isBetween(1_000L, 1_150L);

    String image = Base64.getEncoder().encodeToString(new byte[30_000]);
    ChatRequest vision =
        read(
            "{\"model\":\"a/b\",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\","
                + "\"text\":\"What is it?\"},{\"type\":\"image_url\",\"image_url\":{\"url\":"
                + "\"data:image/png;base64,"
                + image
                + "\"}}]}]}");
    assertThat(vision.images()).isEqualTo(1);
    assertThat(vision.textTokensMax()).isLessThan(300);
  }

  @Test
  void textBehindADataPrefixIsStillTextWhereThereIsNoImage() {
    String hidden = "data:" + "x".repeat(1_000);
    ChatRequest request =
        read("{\"model\":\"a/b\",\"messages\":[{\"role\":\"user\",\"url\":\"" + hidden + "\"}]}");
    assertThat(request.textTokensMax()).isGreaterThan(1_000);
  }

  @Test
  void audioAndFilesAreMediaThatNoBytesBound() {
    ChatRequest request =
        read(
            "{\"model\":\"a/b\",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":"
                + "\"input_audio\",\"input_audio\":{\"data\":\"UklGR\",\"format\":\"wav\"}}]}]}");
    assertThat(request.hasOtherMedia()).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "[{\"type\":\"document_url\",\"document_url\":\"https://x/a.pdf\"}] | true",
        "[{\"document_url\":\"https://x/a.pdf\",\"type\":\"document_url\"}] | true",
        "[{\"type\":\"file_url\",\"file_url\":{\"url\":\"https://x/a.pdf\"}}] | true",
        "[{\"type\":\"file\",\"file\":{\"file_id\":\"f-1\"}}] | true",
        "[{\"type\":\"file\",\"file_id\":\"f-1\"}] | true",
        "[{\"type\":\"video_url\",\"video_url\":{\"url\":\"https://x/a.mp4\"}}] | true",
        "[{\"type\":\"audio_url\",\"audio_url\":\"https://x/a.wav\"}] | true",
        "[{\"type\":\"input_image\",\"image\":\"https://x/a.png\"}] | true",
        "[{\"type\":\"text\",\"text\":\"Hi\"},{\"type\":\"hologram\"}] | true",
        "{\"type\":\"document_url\",\"document_url\":\"https://x/a.pdf\"} | true",
        "[{\"type\":\"text\",\"text\":\"Hi\",\"cache_control\":{\"type\":\"ephemeral\"}}] | false",
        "[{\"type\":\"image_url\",\"image_url\":{\"url\":\"https://x/a.png\"}}] | false",
        "[{\"type\":\"refusal\",\"refusal\":\"No.\"}] | false",
        "[{\"type\":\"thinking\",\"thinking\":[{\"type\":\"text\",\"text\":\"Hm\"}]}] | false",
        "\"Hi\",\"tool_calls\":[{\"id\":\"1\",\"type\":\"function\"}] | false",
        "[{\"type\":\"text\",\"text\":\"Hi\"}],\"tool_calls\":[{\"type\":\"function\"}] | false",
      })
  void whatIsNoTextAndNoImageIsMediaThatNoBytesBound(String content, boolean other) {
    ChatRequest request =
        read("{\"model\":\"a/b\",\"messages\":[{\"role\":\"user\",\"content\":" + content + "}]}");
    assertThat(request.hasOtherMedia()).isEqualTo(other);
  }

  @ParameterizedTest
  @CsvSource({
    "null, false",
    "'\"auto\"', false",
    "'\"default\"', false",
    "'\"priority\"', true",
    "'\"flex\"', true",
    "'\"PRIORITY\"', true",
    "'\"\"', true",
  })
  void tellsATierThatHasItsOwnPrices(String tier, boolean paid) {
    assertThat(read("{\"model\":\"a/b\"," + HELLO + "}").wantsPaidTier()).isFalse();
    assertThat(
            read("{\"model\":\"a/b\",\"service_tier\":" + tier + "," + HELLO + "}").wantsPaidTier())
        .isEqualTo(paid);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "{\"service_tier\":1} | 'service_tier' must be a string, not a number. | service_tier",
        "{\"Service_Tier\":\"flex\"} | must be written 'service_tier' | service_tier",
        "{\"service_tier\":null,\"service_tier\":\"flex\"} | stands twice | service_tier",
        "[] | The body must be a JSON object. | ",
        "{\"model\":\"a/b\" | not valid JSON | ",
        "{} | you must provide a model parameter | model",
        "{\"model\":7} | 'model' must be a string, not a number. | model",
        "{\"model\":\"a/b\"} | 'messages' must be an array with at least one message. | messages",
        "{\"model\":\"a/b\",\"messages\":\"Hi\"} | must be an array, not a string. | messages",
        "{\"model\":\"a/b\",\"messages\":[1]} | 'messages[0]' must be an object | messages",
        "{\"model\":\"a/b\",\"max_tokens\":-1} | must be at least 1, not -1 | max_tokens",
        "{\"model\":\"a/b\",\"max_tokens\":0} | must be at least 1, not 0 | max_tokens",
        "{\"model\":\"a/b\",\"max_tokens\":1.5} | whole number, not a fraction | max_tokens",
        "{\"model\":\"a/b\",\"max_tokens\":99999999999999999999} | too large | max_tokens",
        "{\"model\":\"a/b\",\"n\":0} | from 1 to 128, not 0 | n",
        "{\"model\":\"a/b\",\"n\":-3} | from 1 to 128, not -3 | n",
        "{\"model\":\"a/b\",\"stream\":\"yes\"} | must be a boolean, not a string | stream",
        "{\"model\":\"a/b\",\"model\":\"c/d\"} | 'model' stands twice in the body. | model",
        "{\"model\":\"a/b\",\"MAX_TOKENS\":9} | must be written 'max_tokens' | max_tokens",
        "{\"model\":\"a/b\",\"\u017ftream\":true} | must be written 'stream' | stream",
        "{\"model\":\"a/b\",\"max_tokens\":1,\"max_tok\\u0065ns\":9} | stands twice | max_tokens",
      })
  void saysWhatIsWrong(String body, String sentence, String param) {
    assertThatThrownBy(() -> read(body))
        .isInstanceOfSatisfying(
            BadRequest.class,
            e -> {
              assertThat(e.sentence()).contains(sentence);
              assertThat(e.param()).isEqualTo(param);
            });
  }

  @Test
  void neverQuotesThePromptInAnError() {
    assertThatThrownBy(() -> read("{\"messages\":[{\"content\":\"my secret\"}} oops"))
        .isInstanceOfSatisfying(
            BadRequest.class, e -> assertThat(e.sentence()).doesNotContain("secret"));
  }

  @Test
  void tellsAllTextOfAPromptForCounting() {
    PromptText prompt =
        read("""
        {"tools": [ {"type": "function", "function": {"name": "f"}} ], "model": "a/b",
         "functions": [], "tool_choice": {"type": "auto"},
         "messages": [
           {"role": "user", "content": "Hi", "tool_calls": null},
           {"role": "assistant", "content": null, "tool_calls": [ {"id": "1"} ]},
           {"role": "user", "content": [{"type": "text", "text": "there"},
             {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}]}],
         "response_format": {"type": "json_schema", "json_schema": {"name": "s", "strict": true}},
         "temperature": 1}
        """)
            .promptText();
    assertThat(prompt.messages()).isEqualTo(3);
    assertThat(prompt.texts())
        .containsExactly(
            "[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}]",
            "[]",
            "Hi",
            "[{\"id\":\"1\"}]",
            "there",
            "{\"name\":\"s\",\"strict\":true}");
  }

  @Test
  void refusesADepthThatWouldExhaustTheStack() {
    assertThatThrownBy(() -> read("{\"model\":\"a/b\",\"x\":" + "[".repeat(100_000)))
        .isInstanceOf(BadRequest.class);
  }
}
