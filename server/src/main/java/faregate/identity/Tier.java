package faregate.identity;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// What is granted each month, and what happens when it is gone.
public enum Tier {
  FREE,
  PRO,
  TEAM,
  ENTERPRISE;

  /// Lower case, as on the command line and the wire.
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// Reads [#text], in any case; empty when there is no such tier.
  public static Optional<Tier> parse(String text) {
    return Arrays.stream(values()).filter(tier -> tier.name().equalsIgnoreCase(text)).findFirst();
  }

  /// All tiers as they are written, for messages.
  public static List<String> texts() {
    return Arrays.stream(values()).map(Tier::text).toList();
  }
}
