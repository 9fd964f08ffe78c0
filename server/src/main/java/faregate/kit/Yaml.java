package faregate.kit;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.dataformat.yaml.YAMLMapper;

/// A YAML document as a tree that remembers its lines and leaves scalars as they were written, so
/// that `0.10` stays exact.
sealed interface Yaml {
  int line();

  record Scalar(String text, int line) implements Yaml {}

  record Sequence(List<Yaml> items, int line) implements Yaml {}

  record Mapping(Map<String, Yaml> entries, int line) implements Yaml {}

  /// A key without a value.
  record Empty(int line) implements Yaml {}

  /// @param name how the document is called in errors
  /// @throws SettingsException when it is not YAML, or a key stands twice
  static Yaml parse(String name, String text) {
    try (JsonParser parser = new YAMLMapper().createParser(text)) {
      return parser.nextToken() == null ? new Empty(1) : read(name, parser, 1);
    } catch (JacksonException e) {
      TokenStreamLocation at = e.getLocation();
      throw new SettingsException(
          "%s%s: this is not YAML: %s. Mind the indentation and quote texts that hold ': ' or '#'."
              .formatted(
                  name,
                  at == null ? "" : ", line " + at.getLineNr(),
                  e.getOriginalMessage().lines().findFirst().orElse("it cannot be read").strip()));
    }
  }

  /// @param line where its key stands
  private static Yaml read(String name, JsonParser parser, int line) {
    return switch (parser.currentToken()) {
      case START_OBJECT -> mapping(name, parser, line);
      case START_ARRAY -> sequence(name, parser, line);
      case VALUE_NULL -> new Empty(line);
      default -> new Scalar(parser.getString(), parser.currentTokenLocation().getLineNr());
    };
  }

  private static Mapping mapping(String name, JsonParser parser, int line) {
    Map<String, Yaml> entries = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = parser.currentName();
      int keyLine = parser.currentTokenLocation().getLineNr();
      parser.nextToken();
      if (entries.put(key, read(name, parser, keyLine)) != null) {
        throw new SettingsException(
            "%s, line %d: '%s' stands here a second time; keep one of them."
                .formatted(name, keyLine, key));
      }
    }
    return new Mapping(entries, line);
  }

  private static Sequence sequence(String name, JsonParser parser, int line) {
    List<Yaml> items = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      items.add(read(name, parser, parser.currentTokenLocation().getLineNr()));
    }
    return new Sequence(List.copyOf(items), line);
  }
}
