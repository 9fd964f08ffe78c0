package faregate.identity;

import java.util.List;
import java.util.Optional;

/// A user's place in an organization.
///
/// @param organization with all its limits that can count for this user and token
/// @param groups the resource groups that the user is in
public record Membership(Payer organization, Role role, List<Group> groups) {

  public Membership {
    groups = List.copyOf(groups);
  }

  /// The organization as payer of a call.
  ///
  /// @param group in whose name it is made; null for none
  Payer payer(@org.jspecify.annotations.Nullable Group group) {
    return organization.with(
        organization.limits().stream()
            .filter(
                limit ->
                    limit.scope() != Limit.Scope.GROUP
                        || (group != null && limit.subject() == group.id()))
            .toList());
  }

  Optional<Group> group(String hubId) {
    return groups.stream().filter(group -> group.hubId().equalsIgnoreCase(hubId)).findFirst();
  }
}
