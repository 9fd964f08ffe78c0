package faregate.hub;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import faregate.http.Answer;
import faregate.http.Visit;
import faregate.identity.Caller;
import faregate.identity.Membership;
import faregate.identity.MonthlyGrant;
import faregate.identity.MonthlyLot;
import faregate.identity.Payer;
import faregate.identity.Tier;
import faregate.identity.Token;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// `whoami-v2`: who a token belongs to and what it may do. Clients log in by it.
final class WhoAmI {
  private static final String BAD_TOKEN = "Invalid user token.";
  private static final long MICROS_A_SECOND = 1_000_000;

  private final Gate gate;
  private final HubRooms rooms;

  WhoAmI(Gate gate, HubRooms rooms) {
    this.gate = gate;
    this.rooms = rooms;
  }

  /// @param email always null: none is kept
  /// @param canPay whether there is anything beyond the credit: then `billingMode` is `postpaid`
  /// @param periodEnd last second of this month, since 1970
  private record UserAnswer(
      String type,
      String id,
      String name,
      String fullname,
      @Nullable String email,
      boolean emailVerified,
      boolean canPay,
      String billingMode,
      long periodEnd,
      @JsonProperty("isPro") boolean isPro,
      String avatarUrl,
      List<Org> orgs,
      Auth auth) {}

  /// @param canPay whether there is anything beyond the credit
  /// @param plan `team` or `enterprise`
  private record Org(
      String type,
      String id,
      String name,
      String fullname,
      @Nullable String email,
      boolean canPay,
      String billingMode,
      long periodEnd,
      String avatarUrl,
      String roleInOrg,
      @JsonProperty("isEnterprise") boolean isEnterprise,
      String plan,
      List<String> securityRestrictions,
      List<ResourceGroup> resourceGroups) {}

  private record ResourceGroup(String id, String name, String role) {}

  private Org org(Membership membership) {
    Payer organization = membership.organization();
    String id = HubId.of(organization.account().value());
    boolean postpaid = isPostpaid(organization);
    String role = membership.role().text();
    return new Org(
        "org",
        id,
        organization.name(),
        organization.name(),
        null,
        postpaid,
        mode(postpaid),
        periodEnd(),
        "/avatars/" + id + ".svg",
        role,
        organization.tier() == Tier.ENTERPRISE,
        organization.tier().text(),
        List.of(),
        membership.groups().stream()
            .map(group -> new ResourceGroup(group.hubId(), group.name(), role))
            .toList());
  }

  private boolean isPostpaid(Payer payer) {
    return MonthlyLot.payAsYouGo(rooms.tiers().get(), payer).value() > 0;
  }

  private static String mode(boolean postpaid) {
    return postpaid ? "postpaid" : "prepaid";
  }

  private record Auth(
      String type,
      AccessToken accessToken,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String expiresAt) {}

  private record AccessToken(
      String displayName, String role, String createdAt, FineGrained fineGrained) {}

  private record FineGrained(boolean canReadGatedRepos, List<String> global, List<Scope> scoped) {}

  private record Scope(Entity entity, List<String> permissions) {}

  private record Entity(@JsonProperty("_id") String id, String type, String name) {}

  Answer answer(Visit visit) {
    Caller caller = gate.caller(visit, BAD_TOKEN);
    Token token =
        rooms
            .identities()
            .token(caller.token())
            .orElseThrow(
                () -> new IllegalStateException("token " + caller.token() + " has no row"));
    String id = HubId.of(caller.user().value());
    boolean postpaid = isPostpaid(caller.payer());
    return HubJson.answer(
        new UserAnswer(
            "user",
            id,
            caller.userName(),
            caller.userName(),
            null,
            false,
            postpaid,
            mode(postpaid),
            periodEnd(),
            caller.tier() != Tier.FREE,
            "/avatars/" + id + ".svg",
            caller.memberships().stream().map(this::org).toList(),
            new Auth("access_token", accessToken(token, caller), expiresAt(token))));
  }

  private static AccessToken accessToken(Token token, Caller caller) {
    List<Scope> scoped = new ArrayList<>();
    if (caller.isForUser()) {
      scoped.add(
          scope(
              caller.user().value(),
              "user",
              token.userName(),
              caller.permissionsFor(caller.user())));
    }
    for (Membership membership : caller.memberships()) {
      Set<String> there = caller.permissionsIn(membership);
      if (!there.isEmpty()) {
        Payer organization = membership.organization();
        scoped.add(scope(organization.account().value(), "org", organization.name(), there));
      }
    }
    return new AccessToken(
        token.name(),
        "fineGrained",
        Iso.of(token.createdMicros()),
        new FineGrained(false, List.of(), scoped));
  }

  private static Scope scope(long id, String type, String name, Set<String> permissions) {
    return new Scope(new Entity(HubId.of(id), type, name), permissions.stream().sorted().toList());
  }

  private static @Nullable String expiresAt(Token token) {
    return token.expiresMicros() == Token.NEVER ? null : Iso.of(token.expiresMicros());
  }

  private long periodEnd() {
    long now = rooms.nowMicros().getAsLong();
    return MonthlyGrant.startOf(MonthlyGrant.month(now).plusMonths(1)) / MICROS_A_SECOND - 1;
  }
}
