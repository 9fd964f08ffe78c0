package faregate.dialect;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// The text of a prompt, for counting its tokens when the provider does not.
///
/// @param texts of all messages; media left out
/// @param messages how many
public record PromptText(List<String> texts, int messages) {

  static PromptText of(byte[] body) {
    List<String> texts = new ArrayList<>();
    int messages = 0;
    try (JsonParser parser = Scan.of(body, 0, body.length)) {
      parser.nextToken();
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        boolean wanted = parser.currentName().equals("messages");
        parser.nextToken();
        if (wanted && parser.currentToken() == JsonToken.START_ARRAY) {
          messages = messages(parser, texts);
        } else {
          parser.skipChildren();
        }
      }
    } catch (JacksonException _) {
      // The body was read before: what could be read of it now is what counts.
    }
    return new PromptText(texts, messages);
  }

  private static int messages(JsonParser parser, List<String> texts) {
    int messages = 0;
    while (parser.nextToken() == JsonToken.START_OBJECT) {
      messages++;
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        String name = parser.currentName();
        parser.nextToken();
        switch (name) {
          case "content" -> content(parser, texts);
          default -> parser.skipChildren();
        }
      }
    }
    return messages;
  }

  private static void content(JsonParser parser, List<String> texts) {
    if (parser.currentToken() == JsonToken.VALUE_STRING) {
      texts.add(parser.getString());
    } else if (parser.currentToken() == JsonToken.START_ARRAY) {
      while (parser.nextToken() == JsonToken.START_OBJECT) {
        part(parser, texts);
      }
    } else {
      parser.skipChildren();
    }
  }

  private static void part(JsonParser parser, List<String> texts) {
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      boolean text = parser.currentName().equals("text");
      parser.nextToken();
      if (text && parser.currentToken() == JsonToken.VALUE_STRING) {
        texts.add(parser.getString());
      } else {
        parser.skipChildren();
      }
    }
  }
}
