package faregate.identity;

import faregate.id.TokenId;
import faregate.id.UserId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// An access token without its secret, which nobody has but its owner.
///
/// @param userName of the user it belongs to
/// @param name given by people to tell their tokens apart
/// @param permissions all that it may do, here or there
/// @param scopes the accounts that it is for, its user first; empty for all that the user may spend
///   of
/// @param requestsPerHour how many calls it may make in an hour; 0 for any number
/// @param expiresMicros wall time; [#NEVER] for one without end
/// @param revokedMicros when it was revoked; 0 while it was not
/// @param usedDay days since 1970-01-01 (UTC) of its last use; 0 for never
public record Token(
    TokenId id,
    UserId user,
    String userName,
    String name,
    Set<String> permissions,
    List<Scope> scopes,
    boolean clampOutput,
    int requestsPerHour,
    long createdMicros,
    long expiresMicros,
    long revokedMicros,
    long usedDay) {
  public static final long NEVER = Long.MAX_VALUE;

  public Token {
    permissions = Set.copyOf(permissions);
    scopes = List.copyOf(scopes);
  }

  /// The same token with what another row of it says it is for.
  Token joined(Token other) {
    Set<String> all = new HashSet<>(permissions);
    all.addAll(other.permissions);
    List<Scope> both = new ArrayList<>(scopes);
    both.addAll(other.scopes);
    both.sort(
        Comparator.comparing((Scope scope) -> !scope.account().equals(user))
            .thenComparing(scope -> IdentitySql.key(scope.name())));
    return new Token(
        id,
        user,
        userName,
        name,
        all,
        both,
        clampOutput,
        requestsPerHour,
        createdMicros,
        expiresMicros,
        revokedMicros,
        usedDay);
  }

  public boolean isRevoked() {
    return revokedMicros != 0;
  }

  public boolean isExpired(long nowMicros) {
    return expiresMicros <= nowMicros;
  }
}
