package faregate.dialect;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// The text of a prompt, for counting its tokens when the provider does not: what is said, and as
/// JSON without white space the tools, the calls of them, and the schema asked for.
///
/// @param texts of all messages and fields; media left out
/// @param messages how many
public record PromptText(List<String> texts, int messages) {

  static PromptText of(byte[] body) {
    List<String> texts = new ArrayList<>();
    int messages = 0;
    try (JsonParser parser = Scan.of(body, 0, body.length)) {
      parser.nextToken();
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        String name = parser.currentName();
        parser.nextToken();
        switch (name) {
          case "messages" -> messages += messages(parser, texts);
          case "tools", "functions" -> json(parser, texts);
          case "response_format" -> schema(parser, texts);
          default -> parser.skipChildren();
        }
      }
    } catch (JacksonException _) {
      // The body was read before: what could be read of it now is what counts.
    }
    return new PromptText(texts, messages);
  }

  private static int messages(JsonParser parser, List<String> texts) {
    int messages = 0;
    while (parser.currentToken() != JsonToken.END_ARRAY
        && parser.nextToken() == JsonToken.START_OBJECT) {
      messages++;
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        String name = parser.currentName();
        parser.nextToken();
        switch (name) {
          case "content" -> content(parser, texts);
          case "tool_calls", "function_call" -> json(parser, texts);
          default -> parser.skipChildren();
        }
      }
    }
    return messages;
  }

  private static void schema(JsonParser parser, List<String> texts) {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      parser.skipChildren();
      return;
    }
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      boolean schema = parser.currentName().equals("json_schema");
      parser.nextToken();
      if (schema) {
        json(parser, texts);
      } else {
        parser.skipChildren();
      }
    }
  }

  private static void json(JsonParser parser, List<String> texts) {
    if (parser.currentToken().isStructStart()) {
      texts.add(Scan.json(parser));
    }
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
