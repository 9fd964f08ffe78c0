package faregate.identity;

import faregate.kit.NearNames;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/// What a new token is to be for.
///
/// @param scopes empty for all that its owner may spend of
/// @param payer who pays where a call names nobody; empty for the owner
record Scoping(List<Scope> scopes, String payer) {

  /// Refused where the owner is not in an organization that is named. A token that is for one
  /// organization only is of no use to a call that names nobody, so that organization pays for it.
  static Outcome<Scoping> of(Handle handle, User owner, TokenRequest request) {
    List<Scope> scopes = new ArrayList<>();
    if (request.own()) {
      scopes.add(new Scope(owner.id(), owner.name(), request.permissions()));
    }
    List<Payer> organizations = PayerSql.organizations(handle, owner.id());
    for (String name : request.organizations()) {
      Optional<Payer> found =
          organizations.stream().filter(each -> each.name().equalsIgnoreCase(name)).findFirst();
      if (found.isEmpty()) {
        return notIn(owner, name, organizations);
      }
      Scope scope = new Scope(found.get().account(), found.get().name(), request.permissions());
      if (!scopes.contains(scope)) {
        scopes.add(scope);
      }
    }
    String payer = scopes.size() == 1 && !request.own() ? scopes.getFirst().name() : "";
    return new Outcome.Done<>(new Scoping(List.copyOf(scopes), payer));
  }

  private static Outcome<Scoping> notIn(User owner, String name, List<Payer> organizations) {
    return new Outcome.Refused<>(
        "'%s' is in no organization '%s': add them first.%s"
            .formatted(
                owner.name(),
                name,
                NearNames.of(name, organizations.stream().map(Payer::name).toList())));
  }
}
