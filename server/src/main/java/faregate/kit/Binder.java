package faregate.kit;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Binds a YAML tree to a record, naming the culprit of whatever does not fit.
final class Binder {
  private final String file;
  private final Environment environment;

  Binder(String file, Environment environment) {
    this.file = file;
    this.environment = environment;
  }

  <T extends Record> T bindRoot(Class<T> type, Yaml root) {
    return type.cast(section(type, root, "", true, null));
  }

  /// @param path the key of this section with a trailing dot, empty at the root
  /// @param fixed whether no operator-chosen name is on the path, so that variables apply
  /// @param given what the section is where nothing is written; null for the type's own defaults
  private Record section(
      Class<?> type, Yaml node, String path, boolean fixed, @Nullable Object given) {
    Map<String, Yaml> entries = entries(node, path);
    RecordComponent[] components = type.getRecordComponents();
    refuseUnknown(entries, components, path);
    Object defaults = given == null ? defaults(type) : given;
    @Nullable Object[] values = new Object[components.length];
    for (int i = 0; i < components.length; i++) {
      Yaml child = entries.get(Keys.name(components[i]));
      values[i] = component(components[i], child, node, path, fixed, defaults);
    }
    return make(type, components, values, node, path);
  }

  private Map<String, Yaml> entries(Yaml node, String path) {
    return switch (node) {
      case Yaml.Mapping mapping -> mapping.entries();
      case Yaml.Empty _ -> Map.of();
      case Yaml.Scalar s -> throw wrong(s.line(), trim(path), "takes keys below it, not one value");
      case Yaml.Sequence s -> throw wrong(s.line(), trim(path), "takes keys below it, not a list");
    };
  }

  private void refuseUnknown(Map<String, Yaml> entries, RecordComponent[] components, String path) {
    List<String> known = Arrays.stream(components).map(Keys::name).toList();
    entries.forEach(
        (key, value) -> {
          if (!known.contains(key)) {
            String near = NearNames.of(key, known);
            throw wrong(
                value.line(),
                path + key,
                "is not a known key." + near + " Known here: " + String.join(", ", known));
          }
        });
  }

  private @Nullable Object component(
      RecordComponent component,
      @Nullable Yaml child,
      Yaml parent,
      String prefix,
      boolean fixed,
      @Nullable Object defaults) {
    String path = prefix + Keys.name(component);
    Type type = component.getGenericType();
    if (fixed && type instanceof Class<?> c && !Scalars.isSection(c)) {
      String variable = Keys.variable(path);
      String value = environment.variable(variable);
      if (value != null) {
        return scalarOf(c, value, "The environment variable " + variable);
      }
    }
    Yaml written = child instanceof Yaml.Empty ? null : child;
    Object given = defaults == null ? null : read(component, defaults);
    if (type instanceof Class<?> c && Scalars.isSection(c) && (written != null || given != null)) {
      Yaml node = written == null ? new Yaml.Empty(parent.line()) : written;
      return section(c, node, path + ".", fixed, given);
    }
    if (written != null) {
      return value(type, written, path, fixed);
    }
    return defaults == null ? absent(component, parent, path, fixed) : given;
  }

  private @Nullable Object absent(
      RecordComponent component, Yaml parent, String path, boolean fixed) {
    if (component.getAnnotatedType().isAnnotationPresent(Nullable.class)) {
      return null;
    }
    if (component.getType() == List.class) {
      return List.of();
    }
    if (component.getType() == Set.class) {
      return Set.of();
    }
    if (component.getType() == Map.class) {
      return Map.of();
    }
    if (Scalars.isSection(component.getType())) {
      return section(component.getType(), new Yaml.Empty(parent.line()), path + ".", fixed, null);
    }
    throw wrong(parent.line(), path, "is needed and has no default; write it");
  }

  private Object value(Type type, Yaml node, String path, boolean fixed) {
    return switch (type) {
      case Class<?> c when Scalars.isSection(c) -> section(c, node, path + ".", fixed, null);
      case Class<?> c -> scalar(c, node, path);
      case ParameterizedType p when p.getRawType() == Map.class -> map(p, node, path);
      case ParameterizedType p when p.getRawType() == Set.class ->
          Collections.unmodifiableSet(new LinkedHashSet<>(list(p, node, path)));
      case ParameterizedType p when p.getRawType() == List.class -> list(p, node, path);
      default -> throw new IllegalStateException(path + " cannot be a setting: " + type);
    };
  }

  private Map<String, Object> map(ParameterizedType type, Yaml node, String path) {
    Map<String, Object> map = new LinkedHashMap<>();
    entries(node, path + ".")
        .forEach(
            (key, child) ->
                map.put(
                    key, value(type.getActualTypeArguments()[1], child, path + "." + key, false)));
    return Collections.unmodifiableMap(map);
  }

  private List<Object> list(ParameterizedType type, Yaml node, String path) {
    if (!(node instanceof Yaml.Sequence sequence)) {
      throw wrong(node.line(), path, "takes a list; write [a, b], or one item a line after '- '");
    }
    List<Object> list = new ArrayList<>();
    for (Yaml item : sequence.items()) {
      list.add(value(type.getActualTypeArguments()[0], item, path, false));
    }
    return List.copyOf(list);
  }

  private Object scalar(Class<?> type, Yaml node, String path) {
    if (!(node instanceof Yaml.Scalar scalar)) {
      throw wrong(node.line(), path, "takes one value, not a list or keys below it");
    }
    return scalarOf(type, scalar.text(), where(scalar.line()) + "'" + path + "'");
  }

  private static Object scalarOf(Class<?> type, String text, String where) {
    try {
      return Scalars.parse(type, text);
    } catch (IllegalArgumentException | ArithmeticException e) {
      String shown = type == Secret.class ? "" : " is '" + text + "'";
      throw new SettingsException(where + shown + ": " + sentence(e.getMessage()));
    }
  }

  private Record make(
      Class<?> type,
      RecordComponent[] components,
      @Nullable Object[] values,
      Yaml at,
      String path) {
    Class<?>[] types =
        Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
    try {
      Constructor<?> constructor = type.getDeclaredConstructor(types);
      constructor.setAccessible(true);
      return (Record) constructor.newInstance(values);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof IllegalArgumentException refusal) {
        String what = path.isEmpty() ? "" : "'" + trim(path) + "': ";
        throw new SettingsException(where(at.line()) + what + sentence(refusal.getMessage()));
      }
      throw new IllegalStateException("making " + type, e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("making " + type, e);
    }
  }

  private static @Nullable Object defaults(Class<?> type) {
    try {
      Method method = type.getDeclaredMethod("defaults");
      method.setAccessible(true);
      return method.invoke(null);
    } catch (NoSuchMethodException e) {
      return null;
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("the defaults of " + type, e);
    }
  }

  private static @Nullable Object read(RecordComponent component, Object record) {
    try {
      Method accessor = component.getAccessor();
      accessor.setAccessible(true);
      return accessor.invoke(record);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("reading " + component, e);
    }
  }

  private SettingsException wrong(int line, String key, String what) {
    return new SettingsException(where(line) + "'" + key + "' " + sentence(what));
  }

  private String where(int line) {
    return file + ", line " + line + ": ";
  }

  private static String sentence(@Nullable String text) {
    String words = text == null ? "it cannot be used" : text;
    return words.endsWith(".") ? words : words + ".";
  }

  private static String trim(String path) {
    return path.endsWith(".") ? path.substring(0, path.length() - 1) : path;
  }
}
