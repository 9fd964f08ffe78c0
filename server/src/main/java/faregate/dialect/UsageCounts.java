package faregate.dialect;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.HashMap;
import java.util.Map;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// The numbers of a usage object by their path, such as `prompt_tokens_details.cached_tokens`.
///
/// What is negative, no number, no whole one where tokens are counted, or beyond all reason is
/// absent: a provider's mistake must not become a credit, and sums of what is left fit 64 bits.
final class UsageCounts {
  /// More than any call has.
  private static final long MOST = 1L << 40;

  private static final int DEPTH_MAX = 4;

  /// More than any provider tells. Of a larger object none is kept: what comes behind may be what
  /// counts.
  private static final int VALUES_MAX = 256;

  private static final int PATH_CHARS_MAX = 200;

  /// Digits of a number that can be written out safely.
  private static final int SCALE_MAX = 40;

  private static final long ABSENT = -1;
  private final Map<String, BigDecimal> fractions = new HashMap<>(0);
  private final Map<String, Long> counts = new HashMap<>();
  private boolean overfull;

  /// Reads the object whose opening brace the parser stands at, to its closing one.
  void read(String prefix, JsonParser parser) {
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String path = prefix + parser.currentName();
      parser.nextToken();
      value(path, parser);
    }
  }

  /// Reads one value, to its end.
  void value(String path, JsonParser parser) {
    if (counts.size() + fractions.size() >= VALUES_MAX) {
      overfull = true;
      counts.clear();
      fractions.clear();
    }
    if (overfull || path.length() > PATH_CHARS_MAX) {
      parser.skipChildren();
      return;
    }
    switch (parser.currentToken()) {
      case VALUE_NUMBER_INT -> whole(path, parser);
      case VALUE_NUMBER_FLOAT -> fraction(path, parser.getDecimalValue());
      case START_OBJECT -> {
        if (path.chars().filter(c -> c == '.').count() < DEPTH_MAX) {
          read(path + ".", parser);
        } else {
          parser.skipChildren();
        }
      }
      default -> parser.skipChildren();
    }
  }

  private void whole(String path, JsonParser parser) {
    if (parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER) {
      long count = parser.getLongValue();
      if (count >= 0 && count <= MOST) {
        counts.merge(path, count, Math::max);
      }
    }
  }

  void fraction(String path, BigDecimal value) {
    boolean isSane =
        value.signum() >= 0
            && Math.abs(value.scale()) <= SCALE_MAX
            && value.precision() <= SCALE_MAX
            && value.compareTo(BigDecimal.valueOf(MOST)) <= 0;
    if (isSane) {
      fractions.put(path, value);
    }
  }

  boolean has(String path) {
    return counts.containsKey(path);
  }

  /// The first of these that is there; 0 without any.
  long first(String... paths) {
    for (String path : paths) {
      long count = counts.getOrDefault(path, ABSENT);
      if (count != ABSENT) {
        return count;
      }
    }
    return 0;
  }

  /// The largest of these; 0 without any.
  long largest(String... paths) {
    long largest = 0;
    for (String path : paths) {
      largest = Math.max(largest, counts.getOrDefault(path, 0L));
    }
    return largest;
  }

  /// A number of seconds or units in thousandths, rounded up; 0 when it is absent.
  long thousandths(String path) {
    BigDecimal value = fractions.get(path);
    return value == null
        ? Math.multiplyExact(first(path), 1_000L)
        : value.movePointRight(3).setScale(0, RoundingMode.CEILING).longValueExact();
  }
}
