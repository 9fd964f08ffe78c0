package faregate.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.core.http.StreamResponse;
import com.openai.errors.BadRequestException;
import com.openai.errors.OpenAIServiceException;
import com.openai.errors.UnauthorizedException;
import com.openai.models.FunctionDefinition;
import com.openai.models.FunctionParameters;
import com.openai.models.ResponseFormatJsonSchema;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionContentPart;
import com.openai.models.chat.completions.ChatCompletionContentPartImage;
import com.openai.models.chat.completions.ChatCompletionContentPartText;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionMessageFunctionToolCall;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import com.openai.models.chat.completions.ChatCompletionToolChoiceOption;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// OpenAI's own Java client, with nothing but base URL and token.
class OpenAiJavaIT {
  private static final String FAST = "faregate/sandbox-fast";
  private static final String PIXEL =
      "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQ"
          + "IAX8jx0gAAAABJRU5ErkJggg==";
  private static final Map<String, JsonValue> CITY_SCHEMA =
      Map.of(
          "type", JsonValue.from("object"),
          "properties", JsonValue.from(Map.of("city", Map.of("type", "string"))),
          "required", JsonValue.from(List.of("city")),
          "additionalProperties", JsonValue.from(false));
  private static RunningGate gate;
  private static OpenAIClient client;

  @BeforeAll
  static void start() throws Exception {
    gate = RunningGate.start();
    client = client(gate.token());
  }

  @AfterAll
  static void stop() throws Exception {
    client.close();
    gate.audit();
    gate.close();
  }

  private static OpenAIClient client(String token) {
    return OpenAIOkHttpClient.builder()
        .baseUrl(gate.url() + "/v1")
        .apiKey(token)
        .maxRetries(0)
        .build();
  }

  private static ChatCompletionCreateParams.Builder hello() {
    return ChatCompletionCreateParams.builder()
        .model(FAST)
        .maxCompletionTokens(32)
        .addUserMessage("Say hello.");
  }

  @Test
  void listsModels() {
    List<String> ids =
        client.models().list().autoPager().stream().map(model -> model.id()).toList();
    assertThat(ids).contains("faregate/sandbox").hasSizeGreaterThan(200);
  }

  /// The client has no field for what it does not know, only a map that it calls deprecated.
  @SuppressWarnings("deprecation")
  @Test
  void answersAndTellsTheCost() {
    ChatCompletion answer = client.chat().completions().create(hello().build());
    assertThat(answer.choices().getFirst().message().content()).isPresent();
    assertThat(answer.usage().orElseThrow()._additionalProperties())
        .hasEntrySatisfying(
            "cost_nano_usd", cost -> assertThat(cost.convert(Long.class)).isPositive());
  }

  @Test
  void streamsWithUsage() {
    ChatCompletionCreateParams params =
        hello()
            .streamOptions(ChatCompletionStreamOptions.builder().includeUsage(true).build())
            .build();
    try (StreamResponse<ChatCompletionChunk> stream =
        client.chat().completions().createStreaming(params)) {
      List<ChatCompletionChunk> chunks = stream.stream().toList();
      String text =
          chunks.stream()
              .flatMap(chunk -> chunk.choices().stream())
              .flatMap(choice -> choice.delta().content().stream())
              .collect(Collectors.joining());
      assertThat(text).isNotEmpty();
      assertThat(chunks.getLast().usage()).isPresent();
    }
  }

  @Test
  void looksAtImages() {
    ChatCompletionContentPart text =
        ChatCompletionContentPart.ofText(
            ChatCompletionContentPartText.builder().text("What is it?").build());
    ChatCompletionContentPart image =
        ChatCompletionContentPart.ofImageUrl(
            ChatCompletionContentPartImage.builder()
                .imageUrl(ChatCompletionContentPartImage.ImageUrl.builder().url(PIXEL).build())
                .build());
    ChatCompletion answer =
        client
            .chat()
            .completions()
            .create(
                ChatCompletionCreateParams.builder()
                    .model("faregate/sandbox")
                    .maxCompletionTokens(16)
                    .addUserMessageOfArrayOfContentParts(List.of(text, image))
                    .build());
    assertThat(answer.choices().getFirst().message().content()).isPresent();
  }

  @Test
  void callsTools() {
    FunctionDefinition weather =
        FunctionDefinition.builder()
            .name("weather")
            .description("The weather of a city.")
            .parameters(
                FunctionParameters.builder().putAllAdditionalProperties(CITY_SCHEMA).build())
            .build();
    ChatCompletion answer =
        client
            .chat()
            .completions()
            .create(
                hello()
                    .maxCompletionTokens(128)
                    .addFunctionTool(weather)
                    .toolChoice(ChatCompletionToolChoiceOption.Auto.REQUIRED)
                    .build());
    ChatCompletion.Choice choice = answer.choices().getFirst();
    assertThat(choice.finishReason()).isEqualTo(ChatCompletion.Choice.FinishReason.TOOL_CALLS);
    ChatCompletionMessageFunctionToolCall call =
        choice.message().toolCalls().orElseThrow().getFirst().asFunction();
    assertThat(call.id()).isNotEmpty();
    assertThat(call.function().name()).isEqualTo("weather");
    assertThat(call.function().arguments()).matches("(?s)\\{\\s*\"city\"\\s*:\\s*\".*\"\\s*}");
  }

  @Test
  void answersBySchema() {
    ResponseFormatJsonSchema.JsonSchema schema =
        ResponseFormatJsonSchema.JsonSchema.builder()
            .name("city")
            .strict(true)
            .schema(
                ResponseFormatJsonSchema.JsonSchema.Schema.builder()
                    .putAllAdditionalProperties(CITY_SCHEMA)
                    .build())
            .build();
    ChatCompletion answer =
        client
            .chat()
            .completions()
            .create(hello().maxCompletionTokens(128).jsonSchemaResponseFormat(schema).build());
    assertThat(answer.choices().getFirst().message().content().orElseThrow())
        .matches("(?s)\\{\\s*\"city\"\\s*:\\s*\".*\"\\s*}");
  }

  @Test
  void understandsRefusals() {
    assertThatThrownBy(
            () -> client.chat().completions().create(hello().model("no/such-model").build()))
        .isInstanceOfSatisfying(
            BadRequestException.class, e -> assertThat(e.code()).contains("model_not_supported"));
    assertThatThrownBy(
            () ->
                client
                    .chat()
                    .completions()
                    .create(hello().model("faregate/sandbox").maxCompletionTokens(16_384).build()))
        .isInstanceOfSatisfying(
            OpenAIServiceException.class,
            e -> {
              assertThat(e.statusCode()).isEqualTo(402);
              assertThat(e.code()).contains("insufficient_credit");
            });
    OpenAIClient stranger = client("hf_wrong");
    assertThatThrownBy(() -> stranger.chat().completions().create(hello().build()))
        .isInstanceOf(UnauthorizedException.class);
    stranger.close();
  }
}
