package faregate.kit;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Turns the text of one scalar into a value.
final class Scalars {
  private static final Pattern DURATION = Pattern.compile("(\\d+) ?(ms|s|m|h|d)");
  private static final Pattern WHOLE = Pattern.compile("(-?[\\d_]*\\d) ?(KiB|MiB|GiB)?");

  private Scalars() {}

  /// Whether a type is written as a mapping of keys, and not as one scalar.
  static boolean isSection(Class<?> type) {
    return type.isRecord() && factory(type).isEmpty();
  }

  /// @throws IllegalArgumentException when the text is not such a value; the message says what is
  static Object parse(Class<?> type, String text) {
    if (type == String.class) {
      return text;
    }
    if (type == boolean.class || type == Boolean.class) {
      return bool(text);
    }
    if (type == int.class || type == Integer.class) {
      return Math.toIntExact(whole(text));
    }
    if (type == long.class || type == Long.class) {
      return whole(text);
    }
    if (type == BigDecimal.class) {
      return decimal(text);
    }
    if (type == Duration.class) {
      return duration(text);
    }
    if (type == Path.class) {
      return Path.of(text);
    }
    if (type == URI.class) {
      return URI.create(text);
    }
    if (type == Secret.class) {
      return new Secret(text);
    }
    return type.isEnum() ? constant(type, text) : made(type, text);
  }

  private static boolean bool(String text) {
    return switch (text) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException("write true or false");
    };
  }

  private static long whole(String text) {
    Matcher number = WHOLE.matcher(text.strip());
    if (!number.matches()) {
      throw new IllegalArgumentException("write a whole number such as 5000 or 16MiB");
    }
    String ending = number.group(2) == null ? "" : number.group(2);
    long unit =
        switch (ending) {
          case "KiB" -> 1L << 10;
          case "MiB" -> 1L << 20;
          case "GiB" -> 1L << 30;
          default -> 1;
        };
    try {
      return Math.multiplyExact(Long.parseLong(number.group(1).replace("_", "")), unit);
    } catch (ArithmeticException | NumberFormatException e) {
      throw new IllegalArgumentException("this number is too large", e);
    }
  }

  private static BigDecimal decimal(String text) {
    try {
      return new BigDecimal(text.strip());
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("write a plain decimal number such as 0.60", e);
    }
  }

  private static Duration duration(String text) {
    Matcher number = DURATION.matcher(text.strip());
    if (!number.matches() || number.group(1).length() > 9) {
      throw new IllegalArgumentException(
          "write a duration with its unit, such as 250ms, 5s, 2m, 1h or 30d");
    }
    long count = Long.parseLong(number.group(1));
    return switch (number.group(2)) {
      case "ms" -> Duration.ofMillis(count);
      case "s" -> Duration.ofSeconds(count);
      case "m" -> Duration.ofMinutes(count);
      case "h" -> Duration.ofHours(count);
      default -> Duration.ofDays(count);
    };
  }

  private static Object constant(Class<?> type, String text) {
    List<?> constants = List.of(type.getEnumConstants());
    return constants.stream()
        .filter(c -> word(c).equals(text.strip()))
        .findFirst()
        .map(Object.class::cast)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "write one of "
                        + constants.stream().map(Scalars::word).collect(Collectors.joining(", "))));
  }

  private static String word(Object constant) {
    return ((Enum<?>) constant).name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static Object made(Class<?> type, String text) {
    Method factory =
        factory(type)
            .orElseThrow(
                () -> new IllegalStateException(type + " cannot be a setting: no text makes it"));
    try {
      return factory.invoke(null, text);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof IllegalArgumentException refusal) {
        throw refusal;
      }
      throw new IllegalStateException(e.getCause());
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }

  /// The one public static method that makes a value of a type from a text.
  private static Optional<Method> factory(Class<?> type) {
    return Arrays.stream(type.getMethods())
        .filter(m -> Modifier.isStatic(m.getModifiers()) && m.getReturnType() == type)
        .filter(m -> Arrays.equals(m.getParameterTypes(), new Class<?>[] {String.class}))
        .findFirst();
  }
}
