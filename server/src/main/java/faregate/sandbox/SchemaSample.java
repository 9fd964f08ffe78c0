package faregate.sandbox;

import faregate.kit.Json;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Makes a value that satisfies a simple JSON schema: objects, arrays, strings with formats,
/// numbers with bounds, enumerations, references within the schema. Patterns are not understood.
final class SchemaSample {
  private static final int DEPTH_MAX = 12;
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private final JsonNode root;

  private SchemaSample(JsonNode root) {
    this.root = root;
  }

  static JsonNode of(JsonNode schema) {
    return new SchemaSample(schema).value(schema, 0);
  }

  private JsonNode value(JsonNode schema, int depth) {
    if (depth > DEPTH_MAX) {
      return NODES.nullNode();
    }
    if (schema.has("const")) {
      return schema.path("const");
    }
    if (!schema.path("enum").isEmpty()) {
      return schema.path("enum").path(0);
    }
    String reference = schema.path("$ref").asString("");
    if (reference.startsWith("#")) {
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
    for (var property : schema.path("properties").properties()) {
      if (depth < DEPTH_MAX / 2 || isRequired(schema, property.getKey())) {
        object.set(property.getKey(), value(property.getValue(), depth + 1));
      }
    }
    return object;
  }

  private static boolean isRequired(JsonNode schema, String name) {
    for (JsonNode each : schema.path("required")) {
      if (each.asString("").equals(name)) {
        return true;
      }
    }
    return false;
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

  private static JsonNode number(JsonNode schema) {
    if (schema.has("minimum")) {
      return schema.path("minimum");
    }
    if (schema.has("exclusiveMinimum")) {
      return NODES.numberNode(schema.path("exclusiveMinimum").asLong() + 1);
    }
    return NODES.numberNode(Math.min(1, schema.path("maximum").asLong(1)));
  }

  private static JsonNode text(JsonNode schema) {
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
    String padded = text + "x".repeat(Math.max(0, least - text.length()));
    int most = schema.path("maxLength").asInt(Integer.MAX_VALUE);
    return NODES.stringNode(padded.length() > most ? padded.substring(0, most) : padded);
  }
}
