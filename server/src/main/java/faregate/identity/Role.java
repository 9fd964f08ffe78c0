package faregate.identity;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// What a member may do in an organization.
public enum Role {
  ADMIN,
  WRITE,
  CONTRIBUTOR,
  READ;

  /// Lower case, as on the command line and the wire.
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// Reads [#text], in any case; empty when there is no such role.
  public static Optional<Role> parse(String text) {
    return Arrays.stream(values()).filter(role -> role.name().equalsIgnoreCase(text)).findFirst();
  }

  /// All roles as they are written, for messages.
  public static List<String> texts() {
    return Arrays.stream(values()).map(Role::text).toList();
  }

  /// Whether calls of such a member may be paid by the organization.
  public boolean maySpend() {
    return this != READ;
  }
}
