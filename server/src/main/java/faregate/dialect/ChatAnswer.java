package faregate.dialect;

import faregate.money.Nanos;
import faregate.tariff.Quantities;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// A whole answer to a chat completion that was not streamed.
public final class ChatAnswer {
  private final byte[] body;
  private final StringBuilder text = new StringBuilder();
  private int open;
  private boolean failed;
  private int choices;
  private @Nullable Usage usage;
  private Span usageSpan = Span.NONE;

  private ChatAnswer(byte[] body) {
    this.body = body;
  }

  /// Reads an answer; empty when it is no JSON object.
  public static @Nullable ChatAnswer read(byte[] body) {
    ChatAnswer answer = new ChatAnswer(body);
    try (JsonParser parser = Scan.of(body, 0, body.length)) {
      return answer.read(parser) ? answer : null;
    } catch (JacksonException _) {
      return null;
    }
  }

  private boolean read(JsonParser parser) {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      return false;
    }
    open = Scan.end(parser);
    Output output = new Output(text);
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = parser.currentName();
      parser.nextToken();
      switch (name) {
        case "usage" -> usage(parser);
        case "choices" -> choices = output.choices(parser, "message");
        case "error" -> {
          failed |= parser.currentToken() != JsonToken.VALUE_NULL;
          parser.skipChildren();
        }
        default -> parser.skipChildren();
      }
    }
    failed |= output.finishedWithError();
    return true;
  }

  private void usage(JsonParser parser) {
    int start = Scan.start(parser);
    if (parser.currentToken() == JsonToken.START_OBJECT) {
      usage = Usage.read(parser);
    } else {
      parser.skipChildren();
    }
    usageSpan = new Span(start, Scan.end(parser));
  }

  /// What the provider says was consumed, null when it does not say.
  public @Nullable Quantities reported() {
    return usage == null ? null : usage.quantities();
  }

  /// The text that was delivered, for counting.
  public String text() {
    return text.toString();
  }

  public boolean hasOutput() {
    return !text.isEmpty();
  }

  /// Whether it carries an error instead of, or beside, an answer.
  public boolean isError() {
    return failed || choices == 0;
  }

  /// The answer with its cost told; every other byte as it came.
  ///
  /// @param counted what we counted, told where the provider reported nothing
  public byte[] withCost(Nanos cost, Quantities counted) {
    Splice splice = new Splice();
    if (usage != null) {
      usage.spot().splice(splice, cost);
    } else if (usageSpan.isPresent()) {
      splice.replace(usageSpan.start(), usageSpan.end(), UsageText.of(counted, true, cost));
    } else {
      splice.insert(open, "\"usage\":" + UsageText.of(counted, true, cost) + ",");
    }
    return splice.apply(body);
  }
}
