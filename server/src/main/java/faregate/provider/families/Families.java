package faregate.provider.families;

import faregate.provider.Family;
import faregate.provider.openai.OpenAiFamily;
import java.util.Map;

/// All families, by the name that the catalogue uses.
public final class Families {
  private static final Map<String, Family> BY_NAME = Map.of("openai", OpenAiFamily.INSTANCE);

  private Families() {}

  /// @throws IllegalArgumentException for a name that no family has
  public static Family of(String name) {
    Family family = BY_NAME.get(name);
    if (family == null) {
      throw new IllegalArgumentException(
          "no family of providers is called '" + name + "'; there are " + BY_NAME.keySet());
    }
    return family;
  }
}
