package faregate.sandbox;

import faregate.http.Problem;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What a chat completion asks for, as far as the sandbox cares.
///
/// @param limit the client's output limit, 0 for none
/// @param choices `n`
/// @param body the whole request
record ChatRequest(
    String model,
    boolean stream,
    boolean includeUsage,
    int limit,
    int choices,
    Faults faults,
    JsonNode body) {
  private static final int CHOICES_MAX = 128;
  private static final int JSON_TOKENS_MAX = 1_000_000;

  /// Of the last message, as far as it is looked through for the name of a tool.
  private static final int LAST_CHARACTERS_MAX = 1 << 16;

  /// Unlike the gateway, which looks at bytes, the sandbox makes a tree of the whole body: one of
  /// nothing but brackets would take twenty times its size in memory.
  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxTokenCount(JSON_TOKENS_MAX).build())
                  .build())
          .build();

  /// @param defaults the instance's faults
  /// @throws faregate.http.ProblemException with 400 when it is malformed
  static ChatRequest parse(Buffer bytes, Faults defaults) {
    JsonNode body;
    try {
      body = MAPPER.readTree(bytes.getBytes());
    } catch (StreamConstraintsException _) {
      throw refused(
          null,
          "The body holds more values than the sandbox reads (%d brackets, names and values), or nests too deep."
              .formatted(JSON_TOKENS_MAX));
    } catch (JacksonException _) {
      throw refused(null, "We could not parse the JSON body of your request.");
    }
    if (!body.isObject()) {
      throw refused(null, "The body must be a JSON object.");
    }
    if (!body.path("model").isString()) {
      throw refused("model", "you must provide a model parameter");
    }
    if (!body.path("messages").isArray() || body.path("messages").isEmpty()) {
      throw refused("messages", "'messages' must be an array with at least one message.");
    }
    String field =
        body.hasNonNull("max_completion_tokens") ? "max_completion_tokens" : "max_tokens";
    return new ChatRequest(
        body.path("model").stringValue(),
        body.path("stream").asBoolean(false),
        body.path("stream_options").path("include_usage").asBoolean(false),
        positive(body, field, 0, Integer.MAX_VALUE),
        positive(body, "n", 1, CHOICES_MAX),
        defaults.with(body.path("sandbox")),
        body);
  }

  private static int positive(JsonNode body, String field, int otherwise, int most) {
    JsonNode value = body.path(field);
    if (value.isMissingNode() || value.isNull()) {
      return otherwise;
    }
    if (!value.isIntegralNumber()
        || !value.canConvertToInt()
        || value.intValue() < 1
        || value.intValue() > most) {
      throw refused(field, "'" + field + "' must be a whole number from 1 to " + most + ".");
    }
    return value.intValue();
  }

  private static RuntimeException refused(@Nullable String field, String message) {
    Problem problem = Problem.badRequest(null, message);
    return (field == null ? problem : problem.withParam(field)).asException();
  }

  /// The same without what is to go wrong.
  ChatRequest calm() {
    return new ChatRequest(model, stream, includeUsage, limit, choices, faults.calm(), body);
  }

  JsonNode messages() {
    return body.path("messages");
  }

  /// The beginning of the text of the last message, lower case; empty when it has none.
  String lastText() {
    JsonNode content = messages().path(messages().size() - 1).path("content");
    StringBuilder text = new StringBuilder();
    if (content.isString()) {
      text.append(content.stringValue());
    }
    for (JsonNode part : content) {
      text.append(part.path("text").asString("")).append(' ');
    }
    return text.substring(0, Math.min(text.length(), LAST_CHARACTERS_MAX))
        .toLowerCase(java.util.Locale.ROOT);
  }

  String lastRole() {
    return messages().path(messages().size() - 1).path("role").asString("");
  }
}
