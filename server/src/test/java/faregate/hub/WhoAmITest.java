package faregate.hub;

import static org.assertj.core.api.Assertions.assertThat;

import faregate.identity.Caller;
import faregate.identity.Limit;
import faregate.identity.MonthlyGrant;
import faregate.identity.NewToken;
import faregate.identity.Organizations;
import faregate.identity.Payer;
import faregate.identity.Permissions;
import faregate.identity.Role;
import faregate.identity.Tier;
import faregate.identity.TierSettings;
import faregate.identity.Token;
import faregate.identity.TokenRequest;
import faregate.kit.Json;
import faregate.money.Nanos;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WhoAmITest {
  private static final String PATH = "/api/whoami-v2";
  private Hub hub;

  @BeforeAll
  void open(@TempDir Path folder) {
    hub = new Hub(folder);
  }

  @AfterAll
  void close() {
    hub.close();
  }

  @Test
  void hasTheShapeThatClientsRead() {
    NewToken token = hub.user("alice", Tier.FREE);
    Caller caller = hub.caller(token);
    long end =
        MonthlyGrant.startOf(MonthlyGrant.month(hub.ledger.nowMicros()).plusMonths(1)) / 1_000_000;
    String id = "%024x".formatted(caller.user().value());
    String expected =
        """
        {"type":"user","id":"%1$s","name":"alice","fullname":"alice","email":null,
         "emailVerified":false,"canPay":false,"billingMode":"prepaid","periodEnd":%2$d,
         "isPro":false,"avatarUrl":"/avatars/%1$s.svg","orgs":[],
         "auth":{"type":"access_token","accessToken":{"displayName":"token","role":"fineGrained",
           "createdAt":"%3$s",
           "fineGrained":{"canReadGatedRepos":false,"global":[],
             "scoped":[{"entity":{"_id":"%1$s","type":"user","name":"alice"},
               "permissions":["inference.serverless.write","user.billing.read"]}]}}}}
        """
            .formatted(id, end - 1, Iso.of(token.token().createdMicros()));
    assertThat(hub.json(PATH, token)).isEqualTo(Json.MAPPER.readTree(expected));
    assertThat(id).hasSize(24);
    assertThat(Iso.of(token.token().createdMicros()))
        .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z");
  }

  @Test
  void tellsWhenATokenEndsAndWhoIsPro() {
    Hub.done(hub.identities.createUser("bob", Tier.PRO));
    long expires = 4_102_444_800_000_000L;
    NewToken token =
        Hub.done(
            hub.identities.createToken(new TokenRequest("bob", Set.of(), expires, "ci", false)));
    JsonNode who = hub.json(PATH, token);
    assertThat(who.at("/isPro").booleanValue()).isTrue();
    assertThat(who.at("/auth/expiresAt").stringValue()).isEqualTo("2100-01-01T00:00:00.000Z");
    assertThat(who.at("/auth/accessToken/displayName").stringValue()).isEqualTo("ci");
    assertThat(who.at("/auth/accessToken/fineGrained/scoped/0/permissions")).isEmpty();
    String avatar = who.at("/avatarUrl").stringValue();
    assertThat(hub.get(avatar, null).body()).startsWith("<svg");
  }

  /// What is told is what is done: what may be spent beyond the credit, and where.
  @Test
  void tellsWhoCanPayAndWhereATokenCounts() {
    NewToken dora = hub.user("dora", Tier.PRO);
    NewToken emil = hub.user("emil", Tier.FREE);
    Organizations organizations = hub.identities.organizations();
    Payer acme = Hub.done(organizations.create("acme", Tier.TEAM, 1));
    Hub.done(organizations.create("globex", Tier.TEAM, 1));
    Hub.done(organizations.create("initech", Tier.TEAM, 1));
    Hub.done(organizations.addMember("acme", "dora", Role.ADMIN));
    Hub.done(organizations.addMember("globex", "dora", Role.WRITE));
    Hub.done(organizations.addMember("initech", "dora", Role.READ));
    assertThat(pays(dora)).isEqualTo("false prepaid, false prepaid");
    TierSettings standard = TierSettings.standard();
    hub.tiers(new TierSettings(standard.monthly(), Nanos.ofUsd("5"), false));
    try {
      assertThat(pays(dora)).isEqualTo("true postpaid, true postpaid");
      assertThat(pays(emil)).as("nothing beyond the free tier's").startsWith("false prepaid");
      Hub.done(organizations.limit("acme", Limit.Scope.PAYG, "", Nanos.ZERO));
      assertThat(pays(dora)).isEqualTo("true postpaid, false prepaid");
    } finally {
      hub.tiers(standard);
    }
    Hub.done(organizations.limit("dora", Limit.Scope.PAYG, "", Nanos.ofUsd("1")));
    assertThat(pays(dora)).isEqualTo("true postpaid, false prepaid");
    JsonNode scoped = hub.json(PATH, dora).at("/auth/accessToken/fineGrained/scoped");
    assertThat(scoped.valueStream().map(WhoAmITest::scope))
        .containsExactly(
            "user dora inference.serverless.write,user.billing.read",
            "org acme inference.serverless.write,user.billing.read",
            "org globex inference.serverless.write");
    assertThat(scoped.at("/1/entity/_id").asString())
        .isEqualTo("%024x".formatted(acme.account().value()));
  }

  @Test
  void tellsWhatATokenIsFor() {
    hub.user("fay", Tier.FREE);
    Organizations organizations = hub.identities.organizations();
    Hub.done(organizations.create("umbrella", Tier.TEAM, 1));
    Hub.done(organizations.create("hooli", Tier.TEAM, 1));
    Hub.done(organizations.addMember("umbrella", "fay", Role.ADMIN));
    Hub.done(organizations.addMember("hooli", "fay", Role.ADMIN));
    NewToken one = scoped("fay", false, "umbrella");
    NewToken own = scoped("fay", true);
    assertThat(scopes(one))
        .containsExactly("org umbrella inference.serverless.write,user.billing.read");
    assertThat(scopes(own))
        .containsExactly("user fay inference.serverless.write,user.billing.read");
    assertThat(hub.json(PATH, one).path("orgs")).as("where the user is").hasSize(2);

    String billing = "/api/organizations/umbrella/billing/usage-v2";
    hub.json(billing, one);
    hub.json("/api/organizations/umbrella/billing/calls", one);
    hub.json("/api/settings/billing/usage-v2", own);
    forbidden(hub.get("/api/settings/billing/usage-v2", one.secret().reveal()), "user fay");
    forbidden(
        hub.get("/api/organizations/hooli/billing/usage", one.secret().reveal()), "org hooli");
    forbidden(hub.get(billing, own.secret().reveal()), "org umbrella");
    forbidden(
        hub.get("/api/organizations/umbrella/billing/calls", own.secret().reveal()),
        "org umbrella");
  }

  private NewToken scoped(String user, boolean own, String... organizations) {
    return Hub.done(
        hub.identities.createToken(
            new TokenRequest(
                user,
                Permissions.DEFAULT,
                Token.NEVER,
                "",
                false,
                0,
                List.of(organizations),
                own)));
  }

  private Stream<String> scopes(NewToken token) {
    return hub.json(PATH, token)
        .at("/auth/accessToken/fineGrained/scoped")
        .valueStream()
        .map(WhoAmITest::scope);
  }

  private static void forbidden(HttpResponse<String> response, String whom) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(403);
    JsonNode body = Json.MAPPER.readTree(response.body());
    assertThat(body.path("code").asString()).isEqualTo("missing_permission");
    assertThat(body.path("permission").asString()).isEqualTo("user.billing.read");
    assertThat(body.path("error").asString())
        .startsWith("This authentication method does not have sufficient permissions")
        .contains(" of " + whom + ";");
  }

  private String pays(NewToken token) {
    JsonNode who = hub.json(PATH, token);
    return "%s %s, %s %s"
        .formatted(
            who.path("canPay").booleanValue(),
            who.path("billingMode").asString(),
            who.at("/orgs/0/canPay").asBoolean(false),
            who.at("/orgs/0/billingMode").asString(""));
  }

  private static String scope(JsonNode scope) {
    return "%s %s %s"
        .formatted(
            scope.at("/entity/type").asString(),
            scope.at("/entity/name").asString(),
            String.join(
                ",", scope.path("permissions").valueStream().map(JsonNode::asString).toList()));
  }

  @Test
  void refusesInTheWordsThatClientsKnow() {
    NewToken token = hub.user("carol", Tier.FREE);
    assertRefused(hub.get(PATH, null), "Invalid username or password.", "missing_token");
    assertRefused(hub.get(PATH, "hf_x"), "Invalid user token.", "unknown_token");
    assertRefused(hub.get(PATH, "hf_" + "A".repeat(34)), "Invalid user token.", "unknown_token");
    hub.json(PATH, token);
    hub.identities.revokeToken(token.token().id());
    assertRefused(hub.get(PATH, token.secret().reveal()), "Invalid user token.", "revoked_token");
    assertRefused(
        hub.get("/api/settings/billing/usage-v2", token.secret().reveal()),
        "Invalid credentials in Authorization header",
        "revoked_token");
  }

  private static void assertRefused(HttpResponse<String> response, String sentence, String code) {
    assertThat(response.statusCode()).isEqualTo(401);
    assertThat(response.headers().firstValue("X-Error-Message")).hasValue(sentence);
    assertThat(response.headers().firstValue("x-request-id")).isPresent();
    JsonNode body = Json.MAPPER.readTree(response.body());
    assertThat(body.at("/error").stringValue()).isEqualTo(sentence);
    assertThat(body.at("/code").stringValue()).isEqualTo(code);
  }
}
