package faregate.hub;

import faregate.http.Problem;
import faregate.http.Visit;
import faregate.identity.Caller;
import faregate.identity.Identities;
import faregate.identity.LookUp;
import faregate.identity.Membership;
import faregate.identity.Payer;
import faregate.identity.Role;
import faregate.identity.Scope;

/// Lets a caller in, or says why not, in the sentences that the field knows. Blocks.
final class Gate {
  static final String BAD_CREDENTIALS = "Invalid credentials in Authorization header";
  private static final String READ = "read the billing";
  private static final String CHANGE = "change settings";
  private static final String NO_CREDENTIALS = "Invalid username or password.";

  private final Identities identities;

  Gate(Identities identities) {
    this.identities = identities;
  }

  /// Whoever has a token in force.
  ///
  /// @param badToken the sentence for one that is not
  Caller caller(Visit visit, String badToken) {
    String token = visit.bearer();
    if (token == null) {
      throw Problem.of(401, "missing_token", NO_CREDENTIALS)
          .withField("code", "missing_token")
          .asException();
    }
    return switch (identities.find(token)) {
      case LookUp.Known(Caller caller) -> caller;
      case LookUp.Unknown _ -> throw refuse(badToken, "unknown_token");
      case LookUp.Revoked _ -> throw refuse(badToken, "revoked_token");
      case LookUp.Expired _ -> throw refuse(badToken, "expired_token");
      case LookUp.Unavailable _ ->
          throw Problem.of(
                  500,
                  "identity_unavailable",
                  "Tokens cannot be looked up at the moment; try again")
              .withRetryAfter(1)
              .withField("code", "identity_unavailable")
              .asException();
    };
  }

  /// Whoever may read the bill of the token's user.
  Caller payer(Visit visit) {
    return inOwnName(visit, Caller.BILLING, READ);
  }

  private Caller inOwnName(Visit visit, String permission, String what) {
    Caller caller = caller(visit, BAD_CREDENTIALS);
    if (!caller.may(permission)) {
      throw missing(caller, permission, what);
    }
    return caller;
  }

  /// Whoever has a permission for any account at all.
  private Caller inAnyName(Visit visit, String permission, String what) {
    Caller caller = caller(visit, BAD_CREDENTIALS);
    if (!caller.mayAnywhere(permission)) {
      throw missing(caller, permission, what);
    }
    return caller;
  }

  private static RuntimeException missing(Caller caller, String permission, String what) {
    return forbidden(
        permission,
        "This authentication method does not have sufficient permissions to %s of user %s; the token needs the permission %s. Make one that has it: ./faregate token create --user %s --permission %s"
            .formatted(what, caller.userName(), permission, caller.userName(), permission));
  }

  private static RuntimeException outOfScope(
      Caller caller, String permission, String what, String organization) {
    return forbidden(
        permission,
        "This authentication method does not have sufficient permissions to %s of org %s; this token is for %s only. Make another one: ./faregate token create --user %s --org %s --permission %s"
            .formatted(
                what,
                organization,
                String.join(", ", caller.scopes().stream().map(Scope::name).toList()),
                caller.userName(),
                organization,
                permission));
  }

  private static RuntimeException forbidden(String permission, String sentence) {
    return Problem.of(403, "missing_permission", sentence)
        .withField("code", "missing_permission")
        .withField("permission", permission)
        .asException();
  }

  /// The token's user, by name: of users, a token reads its own one's bill only.
  Payer user(Visit visit, String name) {
    Caller caller = payer(visit);
    if (caller.userName().equalsIgnoreCase(name)) {
      return caller.payer();
    }
    throw Problem.of(
            404,
            "not_found",
            "There is no user %s whose bill this token may read; its own is that of %s"
                .formatted(name, caller.userName()))
        .withField("code", "not_found")
        .asException();
  }

  /// An organization whose bill the token's user may read: its admins.
  Payer organization(Visit visit, String name) {
    return administered(inAnyName(visit, Caller.BILLING, READ), name, Caller.BILLING, "The bill");
  }

  /// A member of an organization who may read their own bill, and so what they spent there.
  InOrganization member(Visit visit, String name) {
    Caller caller = inAnyName(visit, Caller.BILLING, READ);
    Membership membership = membership(caller, name);
    if (!caller.may(Caller.BILLING, membership)) {
      throw outOfScope(caller, Caller.BILLING, READ, membership.organization().name());
    }
    return new InOrganization(caller, membership);
  }

  /// @param membership the caller's, in the organization that was asked about
  record InOrganization(Caller caller, Membership membership) {}

  /// The user whose settings the token may change.
  Payer settings(Visit visit) {
    return inOwnName(visit, Caller.SETTINGS, CHANGE).payer();
  }

  /// An organization whose settings the token's user may change: its admins.
  Payer settingsOf(Visit visit, String name) {
    return administered(
        inAnyName(visit, Caller.SETTINGS, CHANGE), name, Caller.SETTINGS, "The settings page");
  }

  private static Payer administered(Caller caller, String name, String permission, String what) {
    Membership membership = membership(caller, name);
    if (membership.role() != Role.ADMIN) {
      throw Problem.of(
              403,
              "missing_permission",
              "%s of the organization %s is for its admins, and %s is there as %s"
                  .formatted(what, name, caller.userName(), membership.role().text()))
          .withField("code", "missing_permission")
          .asException();
    }
    if (!caller.may(permission, membership)) {
      String wanted = permission.equals(Caller.BILLING) ? READ : CHANGE;
      throw outOfScope(caller, permission, wanted, membership.organization().name());
    }
    return membership.organization();
  }

  private static Membership membership(Caller caller, String name) {
    for (Membership membership : caller.memberships()) {
      if (membership.organization().name().equalsIgnoreCase(name)) {
        return membership;
      }
    }
    throw Problem.of(
            404,
            "not_found",
            "There is no organization %s that %s is in".formatted(name, caller.userName()))
        .withField("code", "not_found")
        .asException();
  }

  private static RuntimeException refuse(String sentence, String code) {
    return Problem.of(401, code, sentence).withField("code", code).asException();
  }
}
