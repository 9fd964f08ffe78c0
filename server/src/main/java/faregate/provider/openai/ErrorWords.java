package faregate.provider.openai;

import faregate.kit.Json;
import faregate.kit.Secret;
import faregate.provider.Failure.Words;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// Reads what an error body says. Servers agree on little: `error` may be an object or a sentence,
/// and some say `message` or `detail` instead. Gemini puts all of it into an array.
final class ErrorWords {
  private static final int MESSAGE_MAX = 2000;

  private ErrorWords() {}

  /// @param key cut out of the words, should the server repeat it
  static Words read(Buffer body, @Nullable Secret key) {
    JsonNode root;
    try {
      root = Json.MAPPER.readTree(body.getBytes());
    } catch (JacksonException _) {
      return Words.NONE;
    }
    if (root.isArray()) {
      root = root.path(0);
    }
    JsonNode error = root.path("error");
    if (error.isObject()) {
      return words(error, key);
    }
    if (error.isString()) {
      return new Words(clean(error.stringValue(), key), null, null, null);
    }
    return words(root, key);
  }

  private static Words words(JsonNode node, @Nullable Secret key) {
    String message = textOf(node, "message", key);
    if (message == null) {
      message = textOf(node, "detail", key);
    }
    return new Words(
        message == null ? "" : message,
        textOf(node, "type", key),
        textOf(node, "param", key),
        textOf(node, "code", key));
  }

  private static @Nullable String textOf(JsonNode node, String field, @Nullable Secret key) {
    JsonNode value = node.path(field);
    if (value.isString()) {
      return clean(value.stringValue(), key);
    }
    return value.isNumber() ? value.asString() : null;
  }

  private static String clean(String text, @Nullable Secret key) {
    String kept = text.length() > MESSAGE_MAX ? text.substring(0, MESSAGE_MAX) + "…" : text;
    return key == null ? kept : kept.replace(key.reveal(), "***");
  }
}
