package faregate.dialect;

import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// Collects what the choices of an answer or of a chunk deliver: every string of a message or delta
/// that a model wrote, be it content, reasoning, a refusal or the arguments of a tool call.
final class Output {
  private final StringBuilder text;
  private int finishes;
  private boolean finishedWithError;
  private int texts;
  private int textStart;
  private int textEnd;

  Output(StringBuilder text) {
    this.text = text;
  }

  /// Reads `choices`, at its opening bracket.
  ///
  /// @param carrier `message` or `delta`
  /// @return how many there are
  int choices(JsonParser parser, String carrier) {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      parser.skipChildren();
      return 0;
    }
    int choices = 0;
    while (parser.nextToken() == JsonToken.START_OBJECT) {
      choices++;
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        String name = parser.currentName();
        parser.nextToken();
        if (name.equals(carrier)) {
          written(parser);
        } else if (name.equals("finish_reason")) {
          finish(parser);
        } else {
          parser.skipChildren();
        }
      }
    }
    return choices;
  }

  private void finish(JsonParser parser) {
    if (parser.currentToken() == JsonToken.VALUE_STRING) {
      finishes++;
      finishedWithError |= parser.getString().equals("error");
    } else {
      parser.skipChildren();
    }
  }

  private void written(JsonParser parser) {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      parser.skipChildren();
      return;
    }
    int depth = 1;
    String name = "";
    while (depth > 0) {
      JsonToken token = parser.nextToken();
      switch (token) {
        case START_OBJECT, START_ARRAY -> depth++;
        case END_OBJECT, END_ARRAY -> depth--;
        case PROPERTY_NAME -> name = parser.currentName();
        case VALUE_STRING -> {
          if (isWritten(name)) {
            textStart = Scan.start(parser);
            text.append(parser.getString());
            textEnd = Scan.end(parser);
            texts++;
          }
        }
        case null -> depth = 0;
        default -> {}
      }
    }
  }

  private static boolean isWritten(String name) {
    return switch (name) {
      case "content", "reasoning_content", "reasoning", "refusal", "arguments", "text" -> true;
      default -> false;
    };
  }

  /// How many strings the model wrote.
  int texts() {
    return texts;
  }

  /// Where the last of them begins, with its quotation mark.
  int textStart() {
    return textStart;
  }

  /// Where it ends, behind its quotation mark.
  int textEnd() {
    return textEnd;
  }

  int finishes() {
    return finishes;
  }

  boolean finishedWithError() {
    return finishedWithError;
  }
}
