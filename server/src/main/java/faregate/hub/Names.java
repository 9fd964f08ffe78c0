package faregate.hub;

import faregate.id.UserId;
import faregate.identity.Organizations;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/// What members and resource groups are called, for one answer. Blocks. Whoever has left an
/// organization keeps their name in its books.
final class Names {
  private final Organizations organizations;
  private final Map<Long, Optional<String>> members = new HashMap<>();
  private final Map<Long, Optional<String>> groups = new HashMap<>();

  Names(Organizations organizations) {
    this.organizations = organizations;
  }

  /// @param account 0 for nobody
  @Nullable String member(long account) {
    return name(members, account, id -> organizations.accountName(new UserId(id)));
  }

  /// @param group 0 for none
  @Nullable String group(long group) {
    return name(groups, group, organizations::groupName);
  }

  private static @Nullable String name(
      Map<Long, Optional<String>> known, long id, LongFunction<Optional<String>> find) {
    return id == 0 ? null : known.computeIfAbsent(id, find::apply).orElse(null);
  }
}
