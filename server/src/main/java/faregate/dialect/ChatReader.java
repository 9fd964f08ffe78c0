package faregate.dialect;

import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// Reads the fields of a chat completion in one pass, without building a tree.
///
/// A key that we act upon may stand only once: upstreams differ in which of two they believe, so a
/// second one could carry a limit past the hold.
final class ChatReader {
  /// What a template adds around a request and around each message, generously.
  private static final int REQUEST_TOKENS = 64;

  private static final int MESSAGE_TOKENS = 16;

  /// What a template adds to describe tools.
  private static final int TOOLS_TOKENS = 512;

  private static final int CHOICES_MAX = 128;
  private static final Set<String> ACTED_UPON =
      Set.of(
          "model",
          "messages",
          "stream",
          "stream_options",
          "include_usage",
          "max_tokens",
          "max_completion_tokens",
          "n",
          "service_tier");

  /// What providers do where nothing is said, at the price that is told of them.
  private static final Set<String> PLAIN_TIERS = Set.of("auto", "default");

  private final byte[] body;
  private final ChatFields fields = new ChatFields();
  private final Set<String> seen = new HashSet<>();

  ChatReader(byte[] body) {
    this.body = body;
  }

  ChatFields read() {
    try (JsonParser parser = Scan.of(body, 0, body.length)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new BadRequest("The body must be a JSON object.", null);
      }
      fields.open = Scan.end(parser);
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        String name = parser.currentName();
        parser.nextToken();
        field(name, parser);
      }
      if (parser.nextToken() != null) {
        throw new BadRequest("There is text behind the JSON object of the body.", null);
      }
    } catch (JacksonException e) {
      throw new BadRequest(Malformed.sentence(e), null);
    }
    complete();
    return fields;
  }

  private void complete() {
    if (fields.model.isEmpty()) {
      throw new BadRequest("you must provide a model parameter", "model");
    }
    if (fields.messages == 0) {
      throw new BadRequest("'messages' must be an array with at least one message.", "messages");
    }
    fields.textBytes += REQUEST_TOKENS + (long) MESSAGE_TOKENS * fields.messages;
    if (fields.tools) {
      fields.textBytes += TOOLS_TOKENS;
    }
  }

  private void field(String name, JsonParser parser) {
    switch (name) {
      case "model" -> model(name, parser);
      case "messages" -> messages(name, parser);
      case "stream" -> stream(name, parser);
      case "stream_options" -> streamOptions(name, parser);
      case "max_tokens" -> {
        fields.maxTokens = limit(name, parser);
        fields.maxTokensSpan = new Span(Scan.start(parser), Scan.end(parser));
      }
      case "max_completion_tokens" -> {
        fields.maxCompletionTokens = limit(name, parser);
        fields.maxCompletionTokensSpan = new Span(Scan.start(parser), Scan.end(parser));
      }
      case "n" -> choices(name, parser);
      case "service_tier" -> tier(name, parser);
      case "tools", "functions" -> tools(parser);
      case "response_format" -> responseFormat(parser);
      default -> {
        refuseOtherCase(name);
        fields.textBytes += length(Scan.skip(parser));
      }
    }
  }

  /// Some upstreams match keys without regard to case, so one that differs from ours by its case
  /// alone could carry a limit past the hold.
  private static void refuseOtherCase(String name) {
    String folded = name.toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT);
    if (!folded.equals(name) && ACTED_UPON.contains(folded)) {
      throw new BadRequest("'" + name + "' must be written '" + folded + "'.", folded);
    }
  }

  private void once(String name) {
    if (!seen.add(name)) {
      throw new BadRequest("'" + name + "' stands twice in the body.", name);
    }
  }

  private void model(String name, JsonParser parser) {
    once(name);
    if (parser.currentToken() != JsonToken.VALUE_STRING) {
      throw new BadRequest("'model' must be a string, not " + Malformed.kind(parser) + ".", name);
    }
    fields.model = parser.getString();
    fields.modelSpan = new Span(Scan.start(parser), Scan.end(parser));
  }

  private void stream(String name, JsonParser parser) {
    once(name);
    fields.stream =
        switch (parser.currentToken()) {
          case VALUE_TRUE -> true;
          case VALUE_FALSE, VALUE_NULL -> false;
          default ->
              throw new BadRequest(
                  "'stream' must be a boolean, not " + Malformed.kind(parser) + ".", name);
        };
  }

  private void streamOptions(String name, JsonParser parser) {
    once(name);
    int start = Scan.start(parser);
    if (parser.currentToken() == JsonToken.VALUE_NULL) {
      fields.streamOptionsEmpty = true;
      fields.streamOptionsSpan = new Span(start, Scan.end(parser));
      return;
    }
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      throw new BadRequest(
          "'stream_options' must be an object, not " + Malformed.kind(parser) + ".", name);
    }
    fields.streamOptionsEmpty = true;
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      fields.streamOptionsEmpty = false;
      boolean usage = parser.currentName().equals("include_usage");
      refuseOtherCase(parser.currentName());
      parser.nextToken();
      if (usage) {
        once("stream_options.include_usage");
        fields.includeUsage = parser.currentToken() == JsonToken.VALUE_TRUE;
      }
      Span span = Scan.skip(parser);
      if (usage) {
        fields.includeUsageSpan = span;
      }
    }
    fields.streamOptionsSpan = new Span(start, Scan.end(parser));
  }

  /// @return tokens, 0 for null
  private long limit(String name, JsonParser parser) {
    once(name);
    if (parser.currentToken() == JsonToken.VALUE_NULL) {
      return 0;
    }
    long limit = integer(name, parser);
    if (limit < 1) {
      throw new BadRequest("'" + name + "' must be at least 1, not " + limit + ".", name);
    }
    return limit;
  }

  private void choices(String name, JsonParser parser) {
    once(name);
    if (parser.currentToken() == JsonToken.VALUE_NULL) {
      return;
    }
    long choices = integer(name, parser);
    if (choices < 1 || choices > CHOICES_MAX) {
      throw new BadRequest("'n' must be from 1 to " + CHOICES_MAX + ", not " + choices + ".", name);
    }
    fields.choices = (int) choices;
  }

  private void tier(String name, JsonParser parser) {
    once(name);
    switch (parser.currentToken()) {
      case VALUE_NULL -> {}
      case VALUE_STRING -> fields.paidTier = !PLAIN_TIERS.contains(parser.getString());
      default ->
          throw new BadRequest(
              "'service_tier' must be a string, not " + Malformed.kind(parser) + ".", name);
    }
  }

  private static long integer(String name, JsonParser parser) {
    if (!Scan.isInteger(parser)) {
      throw new BadRequest(
          "'" + name + "' must be a whole number, not " + Malformed.kind(parser) + ".", name);
    }
    if (parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
      throw new BadRequest("'" + name + "' is too large.", name);
    }
    return parser.getLongValue();
  }

  /// Templates print tool definitions anew, with white space: twice their bytes bounds it.
  private void tools(JsonParser parser) {
    boolean some = parser.currentToken() == JsonToken.START_ARRAY;
    int length = length(Scan.skip(parser));
    fields.tools |= some && length > 2;
    fields.textBytes += 2L * length;
  }

  private void responseFormat(JsonParser parser) {
    int start = Scan.start(parser);
    if (parser.currentToken() == JsonToken.START_OBJECT) {
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        boolean type = parser.currentName().equals("type");
        parser.nextToken();
        if (type && parser.currentToken() == JsonToken.VALUE_STRING) {
          fields.schema = parser.getString().equals("json_schema");
        }
        parser.skipChildren();
      }
    }
    fields.textBytes += 2L * (Scan.end(parser) - start);
  }

  private void messages(String name, JsonParser parser) {
    once(name);
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      throw new BadRequest(
          "'messages' must be an array, not " + Malformed.kind(parser) + ".", name);
    }
    MessagesReader reader = new MessagesReader(body, fields);
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (parser.currentToken() != JsonToken.START_OBJECT) {
        throw new BadRequest(
            "'messages["
                + fields.messages
                + "]' must be an object, not "
                + Malformed.kind(parser)
                + ".",
            name);
      }
      fields.messages++;
      reader.message(parser);
    }
  }

  private static int length(Span span) {
    return span.end() - span.start();
  }
}
