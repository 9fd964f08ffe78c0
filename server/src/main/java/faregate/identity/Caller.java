package faregate.identity;

import faregate.id.TokenId;
import faregate.id.UserId;
import faregate.id.WalletId;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Who asks: a token, its user, the wallet that pays.
///
/// @param permissions all that the token may do, here or there, such as
///   `inference.serverless.write`
/// @param scopes the accounts that the token is for; empty for its user and all organizations that
///   the user is in
/// @param expiresMicros when the token ends; [Long#MAX_VALUE] for never
/// @param clampOutput whether a request for more than the wallet has is cut instead of refused
/// @param payer who pays: the user, unless [#paidBy] chose another
/// @param memberships the organizations that the user is in
/// @param defaultPayer who pays where a request names nobody; empty for the user
/// @param requestsPerHour how many calls the token may make in an hour; 0 for any number
/// @param group the resource group in whose name the payer pays; 0 for none
public record Caller(
    TokenId token,
    UserId user,
    String userName,
    Set<String> permissions,
    List<Scope> scopes,
    long expiresMicros,
    boolean clampOutput,
    Payer payer,
    List<Membership> memberships,
    String defaultPayer,
    long requestsPerHour,
    long group) {
  public static final String INFERENCE = "inference.serverless.write";
  public static final String BILLING = "user.billing.read";

  /// To set and delete keys of one's own for providers, and, as an admin, an organization's.
  public static final String SETTINGS = "user.settings.write";

  public Caller {
    permissions = Set.copyOf(permissions);
    scopes = List.copyOf(scopes);
    memberships = List.copyOf(memberships);
  }

  /// Whether there is any account for which the token may do something.
  public boolean mayAnywhere(String permission) {
    return permissions.contains(permission);
  }

  /// Whether the token may do something in the name of its user.
  public boolean may(String permission) {
    return permissionsFor(user).contains(permission);
  }

  /// Whether it may, as a token, do something in the name of an organization. What the user may do
  /// there is another question.
  public boolean may(String permission, Membership membership) {
    return permissionsFor(membership.organization().account()).contains(permission);
  }

  /// Whether the token is for its user's own account.
  public boolean isForUser() {
    return scopes.isEmpty() || scopes.stream().anyMatch(scope -> scope.account().equals(user));
  }

  /// What the token may do in the name of an account.
  public Set<String> permissionsFor(UserId account) {
    if (scopes.isEmpty()) {
      return permissions;
    }
    for (Scope scope : scopes) {
      if (scope.account().equals(account)) {
        return scope.permissions();
      }
    }
    return Set.of();
  }

  /// The wallet that pays.
  public WalletId wallet() {
    return payer.wallet();
  }

  /// The tier of who pays.
  public Tier tier() {
    return payer.tier();
  }

  /// What of the token's permissions counts in an organization: whoever may spend there may do it
  /// with any token that may call models there, and bills and settings are for admins.
  public Set<String> permissionsIn(Membership membership) {
    return permissionsFor(membership.organization().account()).stream()
        .filter(
            permission ->
                permission.equals(INFERENCE)
                    ? membership.role().maySpend()
                    : membership.role() == Role.ADMIN)
        .collect(Collectors.toUnmodifiableSet());
  }

  /// Lets another account pay.
  ///
  /// @param named an organization, the id of a resource group, or the user's own name
  /// @return [PayerChoice.OutOfScope] only where the token is for certain accounts: whether one
  ///   that is for all may call models at all is for [#mayAnywhere] to say
  public PayerChoice paidBy(String named) {
    if (named.equalsIgnoreCase(userName)) {
      return isFor(user) ? new PayerChoice.Paid(this) : new PayerChoice.OutOfScope(userName, false);
    }
    for (Membership membership : memberships) {
      Optional<Group> group = membership.group(named);
      if (group.isPresent() || membership.organization().name().equalsIgnoreCase(named)) {
        return paidBy(membership, group);
      }
    }
    return new PayerChoice.NotMember(named);
  }

  private PayerChoice paidBy(Membership membership, Optional<Group> group) {
    Payer organization = membership.organization();
    if (!membership.role().maySpend()) {
      return new PayerChoice.MayNotSpend(organization.name(), membership.role());
    }
    return isFor(organization.account())
        ? new PayerChoice.Paid(
            with(membership.payer(group.orElse(null)), group.map(Group::id).orElse(0L)))
        : new PayerChoice.OutOfScope(organization.name(), true);
  }

  private boolean isFor(UserId account) {
    return scopes.isEmpty() || permissionsFor(account).contains(INFERENCE);
  }

  private Caller with(Payer other, long inGroup) {
    return new Caller(
        token,
        user,
        userName,
        permissions,
        scopes,
        expiresMicros,
        clampOutput,
        other,
        memberships,
        defaultPayer,
        requestsPerHour,
        inGroup);
  }
}
