package faregate.dialect;

import java.util.Set;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// Adds up what messages can count as: the bytes of their text, and their media apart.
final class MessagesReader {
  private static final byte[] DATA = {'"', 'd', 'a', 't', 'a', ':'};

  /// Parts of a content that are text, or images, which are counted by themselves. Whatever else
  /// there is, by bytes, by URL or by an id, and whatever there will be, no bytes of it bound.
  private static final Set<String> BOUNDED_PARTS =
      Set.of("text", "refusal", "thinking", "image_url");

  private final byte[] body;
  private final ChatFields fields;

  MessagesReader(byte[] body, ChatFields fields) {
    this.body = body;
    this.fields = fields;
  }

  /// Reads one message, at its opening brace, to its closing one.
  ///
  /// String values count with the bytes they have in the body, escapes and all, which is never less
  /// than their text has. A string's end is taken from where the next token begins, so that
  /// megabytes of base64 are skipped and never decoded.
  void message(JsonParser parser) {
    int depth = 1;
    // How deep the fields of a part are, while its content is read; else 0.
    int part = 0;
    int textStart = -1;
    String name = "";
    while (depth > 0) {
      JsonToken token = parser.nextToken();
      if (token == null) {
        return;
      }
      int start = Scan.start(parser);
      if (textStart >= 0) {
        fields.textBytes += start - textStart;
        textStart = -1;
      }
      switch (token) {
        case START_OBJECT, START_ARRAY -> {
          if (depth == 1) {
            part = partDepth(name, token);
          }
          depth++;
          media(name);
        }
        case END_OBJECT, END_ARRAY -> {
          depth--;
          name = "";
        }
        case PROPERTY_NAME -> name = parser.currentName();
        case VALUE_STRING -> {
          if (depth == part && name.equals("type")) {
            fields.otherMedia |= !BOUNDED_PARTS.contains(parser.getString());
          }
          if (!isMedia(name, start)) {
            textStart = start;
          }
        }
        default -> fields.textBytes += 8;
      }
    }
  }

  /// The parts of a content stand in an array; a lone one may stand there itself.
  private static int partDepth(String name, JsonToken opening) {
    if (!name.equals("content")) {
      return 0;
    }
    return opening == JsonToken.START_ARRAY ? 3 : 2;
  }

  /// Notes a part that carries media, by the object's name.
  private void media(String name) {
    switch (name) {
      case "image_url" -> fields.images++;
      case "input_audio", "file", "video_url", "audio_url" -> fields.otherMedia = true;
      default -> {}
    }
  }

  /// A data URL is the media itself, not text; so is the payload of audio and files.
  private boolean isMedia(String name, int start) {
    return switch (name) {
      case "url" -> (fields.images > 0 || fields.otherMedia) && startsWithData(start);
      case "image_url" -> {
        fields.images++;
        yield startsWithData(start);
      }
      case "video_url", "audio_url" -> {
        fields.otherMedia = true;
        yield startsWithData(start);
      }
      case "data", "file_data" -> fields.otherMedia;
      default -> false;
    };
  }

  private boolean startsWithData(int start) {
    if (start + DATA.length > body.length) {
      return false;
    }
    for (int i = 0; i < DATA.length; i++) {
      if (body[start + i] != DATA[i]) {
        return false;
      }
    }
    return true;
  }
}
