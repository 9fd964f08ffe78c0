package faregate.http;

import faregate.kit.Json;
import java.util.LinkedHashMap;
import java.util.Map;

/// How an error is wrapped on the wire. Chosen by the path that was asked for.
@FunctionalInterface
public interface Envelope {
  /// `{"error":{"message","type","param","code",…}}`, as OpenAI's clients read it.
  Envelope OPENAI =
      problem -> {
        Map<String, Object> error = new LinkedHashMap<>();
        error.put("message", problem.message());
        error.put("type", problem.type());
        error.put("param", problem.param());
        error.put("code", problem.code());
        error.putAll(problem.fields());
        return Json.MAPPER.writeValueAsBytes(Map.of("error", error));
      };

  /// `{"error":"sentence",…}`, as the hub's clients read it.
  Envelope PLAIN =
      problem -> {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("error", problem.message());
        body.putAll(problem.fields());
        return Json.MAPPER.writeValueAsBytes(body);
      };

  byte[] wrap(Problem problem);

  static Envelope of(String path) {
    return path.startsWith("/v1/") ? OPENAI : PLAIN;
  }

  /// One line of characters that are legal in a header; others become `?`, line breaks a space.
  static String headerText(String message) {
    int length = Math.min(message.length(), 1000);
    StringBuilder line = new StringBuilder(length);
    for (int at = 0; at < length; at++) {
      char letter = message.charAt(at);
      if (letter >= ' ' && letter <= '~') {
        line.append(letter);
      } else {
        line.append(letter < ' ' ? ' ' : '?');
      }
    }
    return line.toString().strip();
  }
}
