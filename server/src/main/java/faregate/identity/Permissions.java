package faregate.identity;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The permissions a token can have, by the names the field uses.
public final class Permissions {
  /// Those that mean something here.
  public static final List<String> KNOWN =
      List.of(Caller.INFERENCE, Caller.BILLING, Caller.SETTINGS);

  /// What a token gets when nothing is said.
  public static final Set<String> DEFAULT = Set.of(Caller.INFERENCE, Caller.BILLING);

  private static final String BETWEEN = " ";

  private Permissions() {}

  /// The first of these that is not known.
  static Optional<String> unknownOf(Set<String> permissions) {
    return permissions.stream()
        .filter(permission -> !KNOWN.contains(permission))
        .sorted()
        .findFirst();
  }

  static String text(Set<String> permissions) {
    return String.join(BETWEEN, permissions.stream().sorted().toList());
  }

  static Set<String> parse(String text) {
    return text.isEmpty() ? Set.of() : new LinkedHashSet<>(List.of(text.split(BETWEEN)));
  }
}
