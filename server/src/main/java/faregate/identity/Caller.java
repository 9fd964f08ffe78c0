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
/// @param permissions such as `inference.serverless.write`
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
    memberships = List.copyOf(memberships);
  }

  public boolean may(String permission) {
    return permissions.contains(permission);
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
  /// with any token that may call models, and bills and settings are for admins.
  public Set<String> permissionsIn(Membership membership) {
    return permissions.stream()
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
  public PayerChoice paidBy(String named) {
    if (named.equalsIgnoreCase(userName)) {
      return new PayerChoice.Paid(this);
    }
    for (Membership membership : memberships) {
      Optional<Group> group = membership.group(named);
      if (group.isPresent() || membership.organization().name().equalsIgnoreCase(named)) {
        return membership.role().maySpend()
            ? new PayerChoice.Paid(
                with(membership.payer(group.orElse(null)), group.map(Group::id).orElse(0L)))
            : new PayerChoice.MayNotSpend(membership.organization().name(), membership.role());
      }
    }
    return new PayerChoice.NotMember(named);
  }

  private Caller with(Payer other, long inGroup) {
    return new Caller(
        token,
        user,
        userName,
        permissions,
        expiresMicros,
        clampOutput,
        other,
        memberships,
        defaultPayer,
        requestsPerHour,
        inGroup);
  }
}
