package faregate.catalog;

import faregate.kit.SettingsException;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One line of a [Table], read by the names of its columns. Each method refuses a bad value with
/// the file, the line, the column and the value.
///
/// @param columns name to position
record Row(String file, long line, List<String> fields, Map<String, Integer> columns) {

  /// @return empty where the field is, or where the table has no such column
  String text(String column) {
    Integer at = columns.get(column);
    return at == null ? "" : fields.get(at).strip();
  }

  String text(String column, String otherwise) {
    String text = text(column);
    return text.isEmpty() ? otherwise : text;
  }

  String needed(String column) {
    String text = text(column);
    if (text.isEmpty()) {
      throw refused(column, "this must not be empty");
    }
    return text;
  }

  /// @return 0 where the field is empty
  int count(String column) {
    String text = text(column);
    try {
      int count = text.isEmpty() ? 0 : Integer.parseInt(text);
      if (count >= 0) {
        return count;
      }
    } catch (NumberFormatException _) {
      // refused below
    }
    throw refused(column, "write a whole number such as 8192");
  }

  /// @return null where the field is empty
  @Nullable Boolean flag(String column) {
    return switch (text(column)) {
      case "" -> null;
      case "true" -> true;
      case "false" -> false;
      default -> throw refused(column, "write true or false, or nothing");
    };
  }

  boolean isSet(String column) {
    return Boolean.TRUE.equals(flag(column));
  }

  /// Words joined by `+`, such as `text+image`.
  Set<String> words(String column, String otherwise) {
    return new LinkedHashSet<>(Arrays.asList(text(column, otherwise).split("\\+")));
  }

  /// @param remedy what is wrong with the field and what to write instead, without a full stop
  SettingsException refused(String column, String remedy) {
    return new SettingsException(
        "%s, line %d, column %s is '%s': %s.".formatted(file, line, column, text(column), remedy));
  }
}
