package faregate.hub;

import faregate.http.Answer;
import faregate.kit.Json;
import io.vertx.core.buffer.Buffer;
import java.util.Map;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.databind.ObjectWriter;

/// Answers in JSON with numbers in plain decimal: some readers take `1E-7` for a text.
final class HubJson {
  private static final ObjectWriter PLAIN =
      Json.MAPPER.writer().with(StreamWriteFeature.WRITE_BIGDECIMAL_AS_PLAIN);

  private HubJson() {}

  static Answer answer(Object value) {
    return new Answer(200, "application/json", Buffer.buffer(bytes(value)), Map.of());
  }

  /// On one line.
  static byte[] bytes(Object value) {
    return PLAIN.writeValueAsBytes(value);
  }
}
