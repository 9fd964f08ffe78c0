package faregate.dialect;

import java.io.StringWriter;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.ReaderBasedJsonParser;

/// A streaming parser that tells byte offsets.
final class Scan {
  /// Values are skipped, not kept, so a string may be as long as the body.
  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxStringLength(Integer.MAX_VALUE)
                  .maxNestingDepth(256)
                  .build())
          .build();

  private Scan() {}

  /// @throws JacksonException where it is not UTF-8: of other encodings no offsets are told
  static JsonParser of(byte[] bytes, int offset, int length) {
    JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), bytes, offset, length);
    if (parser instanceof ReaderBasedJsonParser) {
      parser.close();
      throw new StreamReadException("JSON is to be in UTF-8");
    }
    return parser;
  }

  /// Where the current token begins.
  static int start(JsonParser parser) {
    return (int) parser.currentTokenLocation().getByteOffset();
  }

  /// Where the current token ends; reads it to its end.
  static int end(JsonParser parser) {
    parser.finishToken();
    return (int) parser.currentLocation().getByteOffset();
  }

  /// Skips the current value and tells its range.
  static Span skip(JsonParser parser) {
    int start = start(parser);
    parser.skipChildren();
    return new Span(start, end(parser));
  }

  /// The current object or array anew, without white space.
  static String json(JsonParser parser) {
    StringWriter text = new StringWriter();
    try (JsonGenerator copy = FACTORY.createGenerator(ObjectWriteContext.empty(), text)) {
      copy.copyCurrentStructure(parser);
    }
    return text.toString();
  }

  static boolean isInteger(JsonParser parser) {
    return parser.currentToken() == JsonToken.VALUE_NUMBER_INT;
  }
}
