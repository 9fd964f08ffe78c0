package faregate.dialect;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;

/// Sentences about JSON that is wrong. They never quote the body: it may hold a prompt.
final class Malformed {
  private Malformed() {}

  static String sentence(JacksonException e) {
    var at = e.getLocation();
    if (at == null || at.getLineNr() < 0) {
      return "The body is not valid JSON.";
    }
    return "The body is not valid JSON, at line "
        + at.getLineNr()
        + ", column "
        + at.getColumnNr()
        + ".";
  }

  /// What a value is, in words.
  static String kind(JsonParser parser) {
    return switch (parser.currentToken()) {
      case START_OBJECT, END_OBJECT -> "an object";
      case START_ARRAY, END_ARRAY -> "an array";
      case VALUE_STRING -> "a string";
      case VALUE_NUMBER_INT -> "a number";
      case VALUE_NUMBER_FLOAT -> "a fraction";
      case VALUE_TRUE, VALUE_FALSE -> "a boolean";
      case VALUE_NULL -> "null";
      case PROPERTY_NAME, VALUE_EMBEDDED_OBJECT, NOT_AVAILABLE -> "something else";
      case null -> "nothing";
    };
  }
}
