package faregate.sandbox;

import tools.jackson.databind.JsonNode;

/// Counts the tokens of a prompt: three for each message, its content, three to prime the answer.
/// An image counts as a fixed number; tools, calls of them and a schema count as their JSON text.
final class PromptCount {
  static final int IMAGE_TOKENS = 256;
  private static final int MESSAGE_TOKENS = 3;
  private final Tokens tokens;

  PromptCount(Tokens tokens) {
    this.tokens = tokens;
  }

  int of(ChatRequest request) {
    int count = MESSAGE_TOKENS;
    for (JsonNode message : request.messages()) {
      count +=
          MESSAGE_TOKENS
              + content(message.path("content"))
              + json(message.path("tool_calls"))
              + json(message.path("function_call"));
    }
    return count
        + json(request.body().path("tools"))
        + json(request.body().path("functions"))
        + json(request.body().path("response_format").path("json_schema"));
  }

  private int content(JsonNode content) {
    if (content.isString()) {
      return tokens.count(content.stringValue());
    }
    int count = 0;
    for (JsonNode part : content) {
      count +=
          part.path("type").asString("").equals("image_url")
              ? IMAGE_TOKENS
              : tokens.count(part.path("text").asString(""));
    }
    return count;
  }

  private int json(JsonNode node) {
    return node.isMissingNode() || node.isNull() ? 0 : tokens.count(node.toString());
  }
}
