package faregate.catalog;

import java.util.Locale;

/// How a model name without a suffix is routed: as if it had this one.
public enum DefaultPolicy {
  FASTEST,
  CHEAPEST,
  PREFERRED;

  /// As it is written after a model's colon.
  public String suffix() {
    return name().toLowerCase(Locale.ROOT);
  }
}
