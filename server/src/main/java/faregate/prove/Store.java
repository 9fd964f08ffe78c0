package faregate.prove;

import java.util.Locale;

/// The database that the ledger is proved on.
public enum Store {
  SQLITE,
  POSTGRES;

  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
