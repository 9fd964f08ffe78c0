package faregate.sandbox;

import faregate.http.Problem;
import faregate.kit.Json;
import java.util.HashSet;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Makes a value that satisfies a simple JSON schema: objects, arrays, strings with formats,
/// numbers with bounds, enumerations, references within the schema. Patterns are not understood.
///
/// A short schema can describe a value that fills the memory: by a bound of its own, or by
/// references of references. So making one is paid for, a character of the value or a place of the
/// schema at a time, out of a fixed sum.
final class SchemaSample {
  private static final int DEPTH_MAX = 12;
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final int CHARACTERS_MAX = 1 << 16;
  private final JsonNode root;
  private int charactersLeft = CHARACTERS_MAX;

  private SchemaSample(JsonNode root) {
    this.root = root;
  }

  static JsonNode of(JsonNode schema) {
    return new SchemaSample(schema).value(schema, 0);
  }

  private void spend(int characters) {
    charactersLeft -= characters;
    if (charactersLeft < 0) {
      throw Problem.badRequest(
              "invalid_schema",
              "The schema describes a larger value than the sandbox makes, which is one of some %d characters."
                  .formatted(CHARACTERS_MAX))
          .asException();
    }
  }

  /// A part of the schema that goes into the value as it stands.
  private JsonNode copied(JsonNode part) {
    spend(part.toString().length());
    return part;
  }

  private JsonNode value(JsonNode schema, int depth) {
    spend(1);
    if (depth > DEPTH_MAX) {
      return NODES.nullNode();
    }
    if (schema.has("const")) {
      return copied(schema.path("const"));
    }
    if (!schema.path("enum").isEmpty()) {
      return copied(schema.path("enum").path(0));
    }
    String reference = schema.path("$ref").asString("");
    if (reference.startsWith("#")) {
      spend(reference.length());
      return value(root.at(reference.substring(1)), depth + 1);
    }
    for (String choice : new String[] {"anyOf", "oneOf", "allOf"}) {
      if (!schema.path(choice).isEmpty()) {
        return value(schema.path(choice).path(0), depth + 1);
      }
    }
    return switch (type(schema)) {
      case "object" -> object(schema, depth);
      case "array" -> array(schema, depth);
      case "integer", "number" -> number(schema);
      case "boolean" -> NODES.booleanNode(true);
      case "null" -> NODES.nullNode();
      default -> text(schema);
    };
  }

  private static String type(JsonNode schema) {
    JsonNode type = schema.path("type");
    if (type.isArray()) {
      return type.path(0).asString("string");
    }
    return type.asString(schema.has("properties") ? "object" : "string");
  }

  private JsonNode object(JsonNode schema, int depth) {
    ObjectNode object = Json.MAPPER.createObjectNode();
    boolean wholly = depth < DEPTH_MAX / 2;
    Set<String> required = wholly ? Set.of() : required(schema);
    for (var property : schema.path("properties").properties()) {
      spend(property.getKey().length() + 1);
      if (wholly || required.contains(property.getKey())) {
        object.set(property.getKey(), value(property.getValue(), depth + 1));
      }
    }
    return object;
  }

  private Set<String> required(JsonNode schema) {
    Set<String> names = new HashSet<>();
    for (JsonNode each : schema.path("required")) {
      spend(1);
      names.add(each.asString(""));
    }
    return names;
  }

  private JsonNode array(JsonNode schema, int depth) {
    ArrayNode array = Json.MAPPER.createArrayNode();
    int least = schema.path("minItems").asInt(depth < DEPTH_MAX / 2 ? 1 : 0);
    int count = Math.min(least, schema.path("maxItems").asInt(Integer.MAX_VALUE));
    for (int i = 0; i < count; i++) {
      array.add(value(schema.path("items"), depth + 1));
    }
    return array;
  }

  private JsonNode number(JsonNode schema) {
    if (schema.has("minimum")) {
      return copied(schema.path("minimum"));
    }
    if (schema.has("exclusiveMinimum")) {
      return NODES.numberNode(schema.path("exclusiveMinimum").asLong(0) + 1);
    }
    return NODES.numberNode(Math.min(1, schema.path("maximum").asLong(1)));
  }

  private JsonNode text(JsonNode schema) {
    String text =
        switch (schema.path("format").asString("")) {
          case "date-time" -> "2026-01-01T00:00:00Z";
          case "date" -> "2026-01-01";
          case "time" -> "00:00:00Z";
          case "email" -> "sandbox@example.com";
          case "uri" -> "https://example.com/sandbox";
          case "uuid" -> "00000000-0000-4000-8000-000000000000";
          default -> "Faregate sandbox";
        };
    int least = schema.path("minLength").asInt(0);
    int most = Math.max(0, schema.path("maxLength").asInt(Integer.MAX_VALUE));
    int length = Math.min(Math.max(text.length(), least), most);
    spend(length);
    String padded = text + "x".repeat(Math.max(0, length - text.length()));
    return NODES.stringNode(padded.substring(0, length));
  }
}
