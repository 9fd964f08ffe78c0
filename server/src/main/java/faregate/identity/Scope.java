package faregate.identity;

import faregate.id.UserId;
import java.util.Set;

/// An account that a token is for: its own user, or an organization.
///
/// @param permissions what the token may do there
public record Scope(UserId account, String name, Set<String> permissions) {

  public Scope {
    permissions = Set.copyOf(permissions);
  }
}
