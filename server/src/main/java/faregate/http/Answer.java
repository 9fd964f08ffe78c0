package faregate.http;

import faregate.kit.Json;
import io.vertx.core.buffer.Buffer;
import java.util.LinkedHashMap;
import java.util.Map;

/// A whole answer, as a blocking handler gives it back.
///
/// @param contentType empty for none
public record Answer(int status, String contentType, Buffer body, Map<String, String> headers) {

  public Answer {
    headers = Map.copyOf(headers);
  }

  /// @param value anything Jackson writes: a record, a map, a tree
  public static Answer json(int status, Object value) {
    return new Answer(
        status, "application/json", Buffer.buffer(Json.MAPPER.writeValueAsBytes(value)), Map.of());
  }

  public static Answer text(int status, String text) {
    return new Answer(status, "text/plain; charset=utf-8", Buffer.buffer(text), Map.of());
  }

  public static Answer empty(int status) {
    return new Answer(status, "", Buffer.buffer(), Map.of());
  }

  public Answer withHeader(String name, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(name, value);
    return new Answer(status, contentType, body, more);
  }
}
