package faregate.kit;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;

/// Finds what somebody probably meant.
public final class NearNames {
  private NearNames() {}

  /// @return ` Did you mean 'x'?` with a leading space, or an empty text when nothing is near
  public static String of(String written, Collection<String> known) {
    return known.stream()
        .filter(name -> distance(name, written) <= (written.length() + 2) / 3)
        .min(Comparator.comparingInt(name -> distance(name, written)))
        .map(name -> " Did you mean '" + name + "'?")
        .orElse("");
  }

  /// Edits (insert, delete, replace one character) that turn one name into the other, without case.
  private static int distance(String a, String b) {
    String from = a.toLowerCase(Locale.ROOT);
    String to = b.toLowerCase(Locale.ROOT);
    int[] row = new int[to.length() + 1];
    for (int j = 0; j < row.length; j++) {
      row[j] = j;
    }
    for (int i = 1; i <= from.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= to.length(); j++) {
        int replaced = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[to.length()];
  }
}
