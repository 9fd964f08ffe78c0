package faregate.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import faregate.kit.Json;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// Any bytes at all: either a refusal that names the culprit, or a request whose splice is still
/// JSON, asks for our model and our limit, and is bounded from above.
class ChatRequestFuzz {

  @FuzzTest(maxDuration = "1m")
  void anyBodyIsRefusedOrUnderstood(byte[] body) {
    ChatRequest request;
    try {
      request = ChatRequest.read(body);
    } catch (BadRequest bad) {
      assertThat(bad.sentence()).isNotEmpty();
      return;
    }
    JsonNode spliced = tree(request.forUpstream("up/\"m\"", 77, "max_tokens"));
    if (spliced == null) {
      return;
    }
    assertThat(spliced.path("model").asString()).isEqualTo("up/\"m\"");
    assertThat(spliced.path("max_tokens").asInt(0)).isEqualTo(77);
    assertThat(spliced.has("max_completion_tokens")).isFalse();
    if (request.isStream()) {
      assertThat(spliced.path("stream_options").path("include_usage").asBoolean()).isTrue();
    }
    assertThat(request.textTokensMax()).isPositive();
    assertThat(request.choices()).isBetween(1, 128);
  }

  /// A tree, or null where Jackson's tree refuses what its stream lets pass (such as numbers too
  /// long).
  private static @org.jspecify.annotations.Nullable JsonNode tree(byte[] body) {
    try {
      return Json.MAPPER.readTree(body);
    } catch (JacksonException _) {
      return null;
    }
  }
}
