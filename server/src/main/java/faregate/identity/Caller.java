package faregate.identity;

import faregate.id.TokenId;
import faregate.id.UserId;
import faregate.id.WalletId;
import java.util.Set;

/// Who asks: a token, its user, the wallet that pays.
///
/// @param permissions such as `inference.serverless.write`
/// @param expiresMicros when the token ends; [Long#MAX_VALUE] for never
/// @param clampOutput whether a request for more than the wallet has is cut instead of refused
public record Caller(
    TokenId token,
    UserId user,
    String userName,
    WalletId wallet,
    Tier tier,
    Set<String> permissions,
    long expiresMicros,
    boolean clampOutput) {
  public static final String INFERENCE = "inference.serverless.write";
  public static final String BILLING = "user.billing.read";

  public Caller {
    permissions = Set.copyOf(permissions);
  }

  public boolean may(String permission) {
    return permissions.contains(permission);
  }
}
