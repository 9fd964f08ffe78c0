package faregate.kit;

import tools.jackson.databind.json.JsonMapper;

/// The one JSON mapper. Not for pass-through bodies: those are spliced, never re-serialised.
public final class Json {
  public static final JsonMapper MAPPER = JsonMapper.builder().build();

  private Json() {}
}
