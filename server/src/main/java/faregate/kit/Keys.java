package faregate.kit;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Lists the keys of a settings record.
final class Keys {
  private Keys() {}

  static List<Settings.Key> of(Class<? extends Record> type) {
    List<Settings.Key> keys = new ArrayList<>();
    collect(type, "", true, keys);
    return List.copyOf(keys);
  }

  private static void collect(
      Class<?> type, String prefix, boolean fixed, List<Settings.Key> keys) {
    for (RecordComponent component : type.getRecordComponents()) {
      add(component.getGenericType(), prefix + name(component), fixed, keys);
    }
  }

  private static void add(Type type, String path, boolean fixed, List<Settings.Key> keys) {
    switch (type) {
      case Class<?> c when Scalars.isSection(c) -> collect(c, path + ".", fixed, keys);
      case ParameterizedType p when p.getRawType() == Map.class ->
          add(p.getActualTypeArguments()[1], path + ".*", false, keys);
      case ParameterizedType p when isSection(p.getActualTypeArguments()[0]) ->
          add(p.getActualTypeArguments()[0], path, false, keys);
      case ParameterizedType _ -> keys.add(new Settings.Key(path, null));
      default -> keys.add(new Settings.Key(path, fixed ? variable(path) : null));
    }
  }

  private static boolean isSection(Type type) {
    return type instanceof Class<?> c && Scalars.isSection(c);
  }

  /// `bodyBytesMax` is written `body_bytes_max`; a `@JsonProperty` names what Java cannot.
  static String name(RecordComponent component) {
    JsonProperty named = component.getAccessor().getAnnotation(JsonProperty.class);
    return named == null
        ? component.getName().replaceAll("([a-z0-9])([A-Z])", "$1_$2").toLowerCase(Locale.ROOT)
        : named.value();
  }

  /// `limits.body_bytes_max` becomes `FAREGATE_LIMITS_BODY_BYTES_MAX`.
  static String variable(String path) {
    return "FAREGATE_" + path.replace('.', '_').toUpperCase(Locale.ROOT);
  }
}
