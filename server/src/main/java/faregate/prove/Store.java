package faregate.prove;

import java.util.Arrays;
import java.util.Locale;

/// The database that the ledger is proved on.
public enum Store {
  SQLITE,
  POSTGRES;

  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// @throws IllegalArgumentException naming both
  public static Store parse(String text) {
    return Arrays.stream(values())
        .filter(each -> each.text().equals(text))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException("--store is postgres or sqlite, not '" + text + "'"));
  }
}
