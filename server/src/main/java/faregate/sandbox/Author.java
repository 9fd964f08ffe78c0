package faregate.sandbox;

import faregate.http.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;

/// Decides what the sandbox says.
final class Author {
  /// Plain letters only, so that each token is a text of its own.
  private static final String OPENING =
      "This is the Faregate sandbox. No real model is speaking, and nothing you wrote was"
          + " understood.";

  private static final String MORE =
      " It plays a provider, so that you can see a call being held, streamed, metered and settled."
          + " Each token you see here was counted by a real tokenizer, and its price was taken from"
          + " your credit, exactly and once. Give Faregate the key of a real provider, or the"
          + " address of a server of your own, and real models will answer at this same address."
          + " Until then these sentences go round.";

  private static final int NAME_CHARACTERS_MAX = 256;

  private final Tokens tokens;
  private final List<String> opening;
  private final List<String> more;

  Author(Tokens tokens) {
    this.tokens = tokens;
    this.opening = tokens.pieces(OPENING);
    this.more = tokens.pieces(MORE);
  }

  /// @param limit the most tokens, by the client's limit and the model's
  Reply write(ChatRequest request, SandboxModel model, int limit) {
    Faults faults = request.faults();
    if (faults.is("zero_output")) {
      return new Reply(List.of(), null, "error");
    }
    int most = faults.is("overrun") ? Integer.MAX_VALUE : Math.max(0, limit);
    JsonNode tool = tool(request);
    if (tool.isObject()) {
      String arguments = SchemaSample.of(tool.path("parameters")).toString();
      return new Reply(tokens.pieces(arguments), name(tool), "tool_calls").within(most);
    }
    JsonNode format = request.body().path("response_format");
    if (format.path("type").asString("text").startsWith("json")) {
      return new Reply(tokens.pieces(json(format)), null, "stop").within(most);
    }
    int length = faults.number("tokens", model.tokens());
    return new Reply(prose(Math.min(length, most)), null, length > most ? "length" : "stop");
  }

  /// It is said once for each choice.
  private static String name(JsonNode tool) {
    String name = tool.path("name").asString("");
    if (name.length() > NAME_CHARACTERS_MAX) {
      throw Problem.badRequest(
              "invalid_tool",
              "The name of a function has at most " + NAME_CHARACTERS_MAX + " characters here.")
          .withParam("tools")
          .asException();
    }
    return name;
  }

  private List<String> prose(int length) {
    List<String> pieces = new ArrayList<>(length);
    pieces.addAll(opening.subList(0, Math.min(length, opening.size())));
    while (pieces.size() < length) {
      pieces.addAll(more.subList(0, Math.min(length - pieces.size(), more.size())));
    }
    return pieces;
  }

  private static String json(JsonNode format) {
    JsonNode schema = format.path("json_schema").path("schema");
    if (schema.isMissingNode()) {
      schema = format.path("value");
    }
    return schema.isObject()
        ? SchemaSample.of(schema).toString()
        : "{\"speaker\":\"Faregate sandbox\",\"model\":null}";
  }

  /// The function to call: the one that `tool_choice` names, the first where one is required, or
  /// the one that the last message names. Missing where none is to be called.
  private static JsonNode tool(ChatRequest request) {
    JsonNode tools = request.body().path("tools");
    JsonNode choice = request.body().path("tool_choice");
    String named = choice.path("function").path("name").asString("");
    boolean required = choice.asString("").equals("required");
    boolean none = choice.asString("").equals("none") || request.lastRole().equals("tool");
    String last = request.lastText();
    for (JsonNode each : tools) {
      JsonNode function = each.path("function");
      String name = function.path("name").asString("");
      boolean meant = named.isEmpty() ? required || isAskedFor(name, last) : named.equals(name);
      if (meant && !none) {
        return function;
      }
    }
    return tools.path("none");
  }

  private static boolean isAskedFor(String name, String text) {
    String plain = name.toLowerCase(Locale.ROOT);
    return text.contains(plain)
        || text.contains(plain.replace('_', ' '))
        || text.contains("use a tool")
        || text.contains("call a tool")
        || text.contains("use the tool");
  }
}
