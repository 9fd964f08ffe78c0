package faregate.sandbox;

import faregate.kit.Json;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/// OpenAI's wire format for one call: the whole answer, or one event of a stream.
final class Wire {
  private static final String FINGERPRINT = "fp_faregate_sandbox";
  private final String head;
  private final String id;
  private final ChatRequest request;
  private final int promptTokens;

  /// @param createdSeconds since 1970
  Wire(String id, ChatRequest request, String model, long createdSeconds, int promptTokens) {
    this.id = id;
    this.request = request;
    this.promptTokens = promptTokens;
    this.head =
        "{\"id\":\"chatcmpl-"
            + id
            + "\",\"object\":\"chat.completion"
            + (request.stream() ? ".chunk" : "")
            + "\",\"created\":"
            + createdSeconds
            + ",\"model\":"
            + quoted(model)
            + ",\"system_fingerprint\":\""
            + FINGERPRINT
            + "\"";
  }

  static String quoted(String text) {
    return Json.MAPPER.writeValueAsString(text);
  }

  /// The first event of a choice: who speaks, and which function is called.
  Buffer opening(int choice, Reply reply, int tokensSoFar) {
    String delta =
        reply.tool() == null
            ? "{\"role\":\"assistant\",\"content\":\"\",\"refusal\":null}"
            : "{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"index\":0,\"id\":"
                + quoted("call_" + id + "_" + choice)
                + ",\"type\":\"function\",\"function\":{\"name\":"
                + quoted(reply.tool())
                + ",\"arguments\":\"\"}}]}";
    return event(choice(choice, delta, null), running(tokensSoFar));
  }

  /// One token.
  Buffer piece(int choice, Reply reply, String piece, int tokensSoFar) {
    String delta =
        reply.tool() == null
            ? "{\"content\":" + quoted(piece) + "}"
            : "{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":" + quoted(piece) + "}}]}";
    return event(choice(choice, delta, null), running(tokensSoFar));
  }

  /// The end of a choice.
  Buffer closing(int choice, Reply reply, int tokens) {
    String usage = request.faults().is("usage_in_last_chunk") ? usage(tokens) : running(tokens);
    return event(choice(choice, "{}", reply.finish()), usage);
  }

  /// The extra event with the usage and no choices.
  Buffer usageEvent(int tokens) {
    return event("", usage(tokens));
  }

  private static String choice(int index, String delta, @Nullable String finish) {
    return "{\"index\":"
        + index
        + ",\"delta\":"
        + delta
        + ",\"logprobs\":null,\"finish_reason\":"
        + (finish == null ? "null" : quoted(finish))
        + "}";
  }

  private String running(int tokens) {
    if (request.faults().is("usage_every_chunk")) {
      return usage(tokens);
    }
    return request.includeUsage() && !request.faults().is("omit_usage") ? "null" : "";
  }

  private Buffer event(String choices, String usage) {
    return Buffer.buffer(
        "data: "
            + head
            + ",\"choices\":["
            + choices
            + "]"
            + (usage.isEmpty() ? "" : ",\"usage\":" + usage)
            + "}\n\n");
  }

  /// The whole answer. Every choice says the same.
  Buffer whole(Reply reply, int tokens) {
    StringBuilder choices = new StringBuilder();
    for (int choice = 0; choice < request.choices(); choice++) {
      choices
          .append(choice == 0 ? "" : ",")
          .append("{\"index\":")
          .append(choice)
          .append(",\"message\":")
          .append(message(choice, reply))
          .append(",\"logprobs\":null,\"finish_reason\":")
          .append(quoted(reply.finish()))
          .append('}');
    }
    boolean silent = request.faults().is("omit_usage");
    return Buffer.buffer(
        head
            + ",\"choices\":["
            + choices
            + "]"
            + (silent ? "" : ",\"usage\":" + usage(tokens))
            + "}");
  }

  private String message(int choice, Reply reply) {
    if (reply.tool() == null) {
      return "{\"role\":\"assistant\",\"content\":"
          + quoted(reply.text())
          + ",\"refusal\":null,\"annotations\":[]}";
    }
    return "{\"role\":\"assistant\",\"content\":null,\"refusal\":null,\"tool_calls\":[{\"id\":"
        + quoted("call_" + id + "_" + choice)
        + ",\"type\":\"function\",\"function\":{\"name\":"
        + quoted(reply.tool())
        + ",\"arguments\":"
        + quoted(reply.text())
        + "}}]}";
  }

  private String usage(int tokens) {
    return "{\"prompt_tokens\":"
        + promptTokens
        + ",\"completion_tokens\":"
        + tokens
        + ",\"total_tokens\":"
        + (promptTokens + tokens)
        + ",\"prompt_tokens_details\":{\"cached_tokens\":"
        + request.faults().number("cached_tokens", 0)
        + ",\"cache_write_tokens\":"
        + request.faults().number("cache_write_tokens", 0)
        + ",\"audio_tokens\":0}"
        + ",\"completion_tokens_details\":{\"reasoning_tokens\":"
        + request.faults().number("reasoning_tokens", 0)
        + ",\"audio_tokens\":0,\"accepted_prediction_tokens\":0,\"rejected_prediction_tokens\":0}}";
  }
}
