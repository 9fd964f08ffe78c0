package faregate.identity;

import java.util.List;
import java.util.Set;

/// What a new token shall be.
///
/// @param user name of its owner
/// @param permissions each one of [Permissions#KNOWN]
/// @param expiresMicros wall time; [Token#NEVER] for one without end
/// @param name to tell it apart; the empty string takes the default
/// @param clampOutput whether a request for more than the wallet has is cut instead of refused
/// @param requestsPerHour how many calls it may make in an hour; 0 for any number
/// @param organizations those that it shall be for, all of which its owner is in; where there are
///   none, and `own` is false, it is for all that the owner may spend of
/// @param own whether it shall be for its owner's own account as well, or for that only
public record TokenRequest(
    String user,
    Set<String> permissions,
    long expiresMicros,
    String name,
    boolean clampOutput,
    int requestsPerHour,
    List<String> organizations,
    boolean own) {
  static final String DEFAULT_NAME = "token";

  public TokenRequest {
    permissions = Set.copyOf(permissions);
    organizations = List.copyOf(organizations);
    name = name.isBlank() ? DEFAULT_NAME : name.strip();
  }

  /// One that is for all that its owner may spend of.
  public TokenRequest(
      String user,
      Set<String> permissions,
      long expiresMicros,
      String name,
      boolean clampOutput,
      int requestsPerHour) {
    this(user, permissions, expiresMicros, name, clampOutput, requestsPerHour, List.of(), false);
  }

  /// One that may make any number of calls.
  public TokenRequest(
      String user, Set<String> permissions, long expiresMicros, String name, boolean clampOutput) {
    this(user, permissions, expiresMicros, name, clampOutput, 0);
  }

  /// A token that may call models and read its own bill, without end.
  public static TokenRequest of(String user) {
    return new TokenRequest(user, Permissions.DEFAULT, Token.NEVER, DEFAULT_NAME, false);
  }
}
