package faregate.operator;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// What an operation is asked with: a JSON object.
public record Arguments(JsonNode tree) {

  /// @throws Refusal when it is absent or no text
  public String text(String name) {
    String value = textOrNull(name);
    if (value == null || value.isBlank()) {
      throw Refusal.badInput("'" + name + "' is needed: give it as a text");
    }
    return value;
  }

  public @Nullable String textOrNull(String name) {
    JsonNode value = tree.get(name);
    if (value == null || value.isNull()) {
      return null;
    }
    if (!value.isString()) {
      throw Refusal.badInput("'" + name + "' must be a text, not " + value.getNodeType());
    }
    return value.stringValue();
  }

  /// @return false when it is absent
  /// @throws Refusal when it is neither true nor false
  public boolean flag(String name) {
    JsonNode value = tree.get(name);
    if (value == null || value.isNull()) {
      return false;
    }
    if (!value.isBoolean()) {
      throw Refusal.badInput("'" + name + "' must be true or false, not " + value.getNodeType());
    }
    return value.booleanValue();
  }

  /// @param absent what is meant when it is absent
  /// @throws Refusal when it is no whole number of 0 or more
  public int count(String name, int absent) {
    JsonNode value = tree.get(name);
    if (value == null || value.isNull()) {
      return absent;
    }
    if (!value.isInt() || value.intValue() < 0) {
      throw Refusal.badInput("'" + name + "' must be a whole number, 0 or more, not " + value);
    }
    return value.intValue();
  }

  /// @return an empty list when it is absent
  /// @throws Refusal when it is no list of texts
  public List<String> texts(String name) {
    JsonNode value = tree.get(name);
    if (value == null || value.isNull()) {
      return List.of();
    }
    if (!value.isArray()) {
      throw noTexts(name, value);
    }
    List<String> texts = new ArrayList<>();
    for (JsonNode item : value) {
      if (!item.isString()) {
        throw noTexts(name, item);
      }
      texts.add(item.stringValue());
    }
    return List.copyOf(texts);
  }

  /// To leave it out would mean something else, such as a token that may do all.
  private static Refusal noTexts(String name, JsonNode value) {
    return Refusal.badInput(
        "'"
            + name
            + "' must be a list of texts, such as [\"a\",\"b\"]; not "
            + value.getNodeType());
  }
}
