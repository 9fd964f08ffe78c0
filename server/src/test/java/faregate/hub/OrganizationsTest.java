package faregate.hub;

import static org.assertj.core.api.Assertions.assertThat;

import faregate.id.CallId;
import faregate.identity.Caller;
import faregate.identity.Group;
import faregate.identity.Limit.Scope;
import faregate.identity.MonthlyGrant;
import faregate.identity.NewToken;
import faregate.identity.Organizations;
import faregate.identity.Payer;
import faregate.identity.Role;
import faregate.identity.Tier;
import faregate.identity.Token;
import faregate.identity.TokenRequest;
import faregate.kit.Json;
import faregate.money.Nanos;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// What members see of their organizations.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OrganizationsTest {
  private Hub hub;

  @BeforeAll
  void open(@TempDir Path folder) {
    hub = new Hub(folder);
  }

  @AfterAll
  void close() {
    hub.close();
  }

  private Organizations organizations() {
    return hub.identities.organizations();
  }

  @Test
  void whoAmIHasThemInTheShapeThatClientsRead() {
    NewToken token = hub.user("alice", Tier.FREE);
    Payer acme = Hub.done(organizations().create("acme", Tier.ENTERPRISE, 2));
    Hub.done(organizations().addMember("acme", "alice", Role.CONTRIBUTOR));
    Group lab = Hub.done(organizations().createGroup("acme", "lab"));
    Hub.done(organizations().createGroup("acme", "of-others"));
    Hub.done(organizations().setGroupMember("acme", "lab", "alice", true));
    Hub.done(organizations().limit("acme", Scope.PAYG, "", Nanos.ofUsd("5")));
    long end =
        MonthlyGrant.startOf(MonthlyGrant.month(hub.ledger.nowMicros()).plusMonths(1)) / 1_000_000;
    String expected =
        """
        [{"type":"org","id":"%1$s","name":"acme","fullname":"acme","email":null,"canPay":true,
          "billingMode":"postpaid","periodEnd":%2$d,"avatarUrl":"/avatars/%1$s.svg",
          "roleInOrg":"contributor","isEnterprise":true,"plan":"enterprise",
          "securityRestrictions":[],
          "resourceGroups":[{"id":"%3$s","name":"lab","role":"contributor"}]}]
        """
            .formatted("%024x".formatted(acme.account().value()), end - 1, lab.hubId());
    assertThat(hub.json("/api/whoami-v2", token).path("orgs"))
        .isEqualTo(Json.MAPPER.readTree(expected));
    assertThat(lab.hubId()).matches("[0-9a-f]{24}");
    Hub.done(organizations().removeMember("acme", "alice"));
    assertThat(hub.json("/api/whoami-v2", token).path("orgs")).isEmpty();
  }

  @Test
  void onlyAdminsReadTheBill() {
    NewToken admin = hub.user("ada", Tier.FREE);
    NewToken writer = hub.user("will", Tier.FREE);
    NewToken stranger = hub.user("sam", Tier.FREE);
    Hub.done(organizations().create("globex", Tier.TEAM, 4));
    Hub.done(organizations().addMember("globex", "ada", Role.ADMIN));
    Hub.done(organizations().addMember("globex", "will", Role.WRITE));
    String path = "/api/organizations/globex/billing/usage-v2";
    JsonNode usage = hub.json(path, admin).at("/usage/inferenceProviders");
    assertThat(usage.path("includedNanoUsd").longValue()).isEqualTo(8_000_000_000L);
    assertThat(usage.path("usedNanoUsd").longValue()).isZero();
    refused(hub.get(path, writer.secret().reveal()), 403, "missing_permission");
    refused(hub.get(path, stranger.secret().reveal()), 404, "not_found");
    JsonNode credits = hub.json("/api/organizations/globex/billing/credits", admin);
    assertThat(credits.path("user").asString()).isEqualTo("globex");
    assertThat(credits.toString()).contains("\"debt");
  }

  @Test
  void creditsTellHowEachLimitStands() {
    NewToken admin = hub.user("otto", Tier.FREE);
    NewToken writer = hub.user("wilma", Tier.FREE);
    Payer made = Hub.done(organizations().create("umbrella", Tier.ENTERPRISE, 1));
    Hub.done(organizations().addMember("umbrella", "otto", Role.ADMIN));
    Hub.done(organizations().addMember("umbrella", "wilma", Role.WRITE));
    Hub.done(organizations().createGroup("umbrella", "hive"));
    Hub.done(organizations().limit("umbrella", Scope.MEMBER, "wilma", Nanos.ofUsd("3")));
    Hub.done(organizations().limit("umbrella", Scope.GROUP, "hive", Nanos.ofUsd("1")));
    Hub.done(organizations().limit("umbrella", Scope.PAYG, "", Nanos.ofUsd("5")));
    String id = writer.token().id().toString();
    Hub.done(organizations().limit("umbrella", Scope.TOKEN, id, Nanos.ofUsd("0.5")));
    hub.spend(hub.payer(writer, "umbrella"), 400_000_000);
    JsonNode credits = hub.json("/api/organizations/umbrella/billing/credits", admin);
    assertThat(credits.path("user").asString()).isEqualTo(made.name());
    assertThat(credits.path("limits"))
        .isEqualTo(
            Json.MAPPER.readTree(
                """
                [{"scope":"group","subject":"hive","limitNanoUsd":1000000000,"usedNanoUsd":0,
                  "heldNanoUsd":0,"leftNanoUsd":1000000000},
                 {"scope":"member","subject":"wilma","limitNanoUsd":3000000000,
                  "usedNanoUsd":400000000,"heldNanoUsd":0,"leftNanoUsd":2600000000},
                 {"scope":"payg","subject":null,"limitNanoUsd":5000000000,"usedNanoUsd":0,
                  "heldNanoUsd":0,"leftNanoUsd":5000000000},
                 {"scope":"token","subject":"%s","limitNanoUsd":500000000,
                  "usedNanoUsd":400000000,"heldNanoUsd":0,"leftNanoUsd":100000000}]
                """
                    .formatted(id)));
    assertThat(credits.path("leftNanoUsd").longValue())
        .as("limits are no credit")
        .isEqualTo(2_000_000_000L + 5_000_000_000L - 400_000_000);
  }

  /// Else a thousand of them would keep everybody else waiting.
  @Test
  void theMonthIsReadOnceHoweverManyLimitsThereAre() {
    NewToken admin = hub.user("olga", Tier.FREE);
    Hub.done(organizations().create("initech", Tier.TEAM, 1));
    Hub.done(organizations().addMember("initech", "olga", Role.ADMIN));
    Hub.done(organizations().limit("initech", Scope.MEMBER, "olga", Nanos.ofUsd("3")));
    spend(admin, "initech", 5_000);
    String path = "/api/organizations/initech/billing/credits";
    long start = hub.caughtUp();
    assertThat(hub.json(path, admin).path("limits")).hasSize(1);
    long once = hub.caughtUp() - start;
    for (int number = 0; number < 9; number++) {
      String name = "peter" + number;
      hub.user(name, Tier.FREE);
      Hub.done(organizations().addMember("initech", name, Role.WRITE));
      Hub.done(organizations().limit("initech", Scope.MEMBER, name, Nanos.ofUsd("1")));
    }
    Hub.done(organizations().limit("initech", Scope.ACCOUNT, "", Nanos.ofUsd("2")));
    hub.json(path, admin);
    start = hub.caughtUp();
    JsonNode limits = hub.json(path, admin).path("limits");
    assertThat(hub.caughtUp() - start).isEqualTo(once).isPositive();
    assertThat(limits.valueStream().map(each -> each.path("usedNanoUsd").longValue()))
        .as("the account's, olga's, and nine of others")
        .containsExactly(5_000L, 5_000L, 0L, 0L, 0L, 0L, 0L, 0L, 0L, 0L, 0L);
  }

  @Test
  void adminsLimitAResourceGroupInCents() {
    hub.user("greta", Tier.FREE);
    NewToken writer = hub.user("walt", Tier.FREE);
    Hub.done(organizations().create("gringotts", Tier.ENTERPRISE, 1));
    Hub.done(organizations().addMember("gringotts", "greta", Role.ADMIN));
    Hub.done(organizations().addMember("gringotts", "walt", Role.WRITE));
    Group vault = Hub.done(organizations().createGroup("gringotts", "vault"));
    NewToken greta = settings("greta");
    String path = "/api/organizations/gringotts/resource-groups/" + vault.hubId();
    HttpResponse<String> set =
        hub.send(
            "PATCH",
            path,
            greta,
            "{\"spendLimits\":{\"total\":500,\"inferenceProviders\":12.5,\"jobs\":1}}");
    assertThat(set.statusCode()).as(set.body()).isEqualTo(200);
    assertThat(Json.MAPPER.readTree(set.body()))
        .isEqualTo(
            Json.MAPPER.readTree(
                """
                {"id":"%s","name":"vault","spendLimits":{"inferenceProviders":12.5}}
                """
                    .formatted(vault.hubId())));
    Payer gringotts = Hub.done(organizations().payer("gringotts"));
    assertThat(organizations().limits(gringotts.wallet()))
        .extracting(limit -> limit.subject() + " " + limit.limit().amount())
        .as("the stricter one")
        .containsExactly("vault $0.125");
    assertThat(hub.send("PATCH", path, greta, "{\"spendLimits\":{\"total\":null}}").body())
        .contains("\"inferenceProviders\":null");
    assertThat(organizations().limits(gringotts.wallet())).isEmpty();
    for (String bad :
        List.of(
            "",
            "[]",
            "{}",
            "{\"spendLimits\":{\"total\":-1}}",
            "{\"spendLimits\":{\"total\":1e300}}",
            "{\"spendLimits\":{\"total\":1e400}}",
            "{\"spendLimits\":{\"inferenceProviders\":-1e400}}",
            "{\"spendLimits\":{\"total\":\"5\"}}")) {
      refused(hub.send("PATCH", path, greta, bad), 400, "invalid_request");
    }
    assertThat(hub.send("PATCH", path, greta, "{\"spendLimits\":{\"total\":1e400}}").body())
        .contains("spendLimits.total is a number of cents");
    refused(
        hub.send("PATCH", path.replace(vault.hubId(), "0".repeat(24)), greta, "{}"),
        404,
        "not_found");
    refused(hub.send("PATCH", path, settings("walt"), "{}"), 403, "missing_permission");
    refused(hub.send("PATCH", path, writer, "{}"), 403, "missing_permission");
  }

  private NewToken settings(String user) {
    return Hub.done(
        hub.identities.createToken(
            new TokenRequest(user, Set.of(Caller.SETTINGS), Token.NEVER, "", false)));
  }

  @Test
  void usageIsToldByProductAndProvider() {
    NewToken admin = hub.user("ulla", Tier.FREE);
    Hub.done(organizations().create("umbra", Tier.TEAM, 1));
    Hub.done(organizations().addMember("umbra", "ulla", Role.ADMIN));
    spend(admin, "umbra", 3_000);
    JsonNode usage = hub.json("/api/organizations/umbra/billing/usage", admin);
    JsonNode inference = usage.at("/usage/inferenceProviders");
    assertThat(inference.path("usedNanoUsd").longValue()).isEqualTo(3_000);
    assertThat(inference.path("includedNanoUsd").longValue()).isEqualTo(2_000_000_000);
    assertThat(inference.path("providerDetails"))
        .isEqualTo(
            Json.MAPPER.readTree(
                "[{\"provider\":\"sandbox\",\"requests\":1,\"cost\":3000,\"duration\":100}]"));
    assertThat(usage.path("periodStart")).isEqualTo(inference.path("periodStart"));
    JsonNode own = hub.json("/api/settings/billing/usage", admin).at("/usage/inferenceProviders");
    assertThat(own.path("numRequests").longValue()).isZero();
    assertThat(own.path("includedNanoUsd").longValue()).isEqualTo(100_000_000);
  }

  // ---- calls that an organization paid ----

  @Test
  void aCallThatAnOrganizationPaidIsSeenByItsAdminsAndByWhoMadeIt() {
    NewToken admin = hub.user("adele", Tier.FREE);
    NewToken maker = hub.user("max", Tier.FREE);
    NewToken other = hub.user("oda", Tier.FREE);
    NewToken stranger = hub.user("sid", Tier.FREE);
    Hub.done(organizations().create("wonka", Tier.ENTERPRISE, 1));
    Hub.done(organizations().addMember("wonka", "adele", Role.ADMIN));
    Hub.done(organizations().addMember("wonka", "max", Role.WRITE));
    Hub.done(organizations().addMember("wonka", "oda", Role.WRITE));
    Group lab = Hub.done(organizations().createGroup("wonka", "lab"));
    Hub.done(organizations().setGroupMember("wonka", "lab", "max", true));
    CallId call = hub.holdFor(maker, lab.hubId(), 50_000);
    String own = "/api/settings/billing/calls/" + call.text();
    String ofWonka = "/api/organizations/wonka/billing/calls/" + call.text();
    for (String path : List.of(own, ofWonka)) {
      assertThat(hub.json(path, maker).path("state").asString()).isEqualTo("open");
      assertThat(hub.json(path, admin).path("heldNanoUsd").longValue()).isEqualTo(50_000);
      refused(hub.get(path, other.secret().reveal()), 404, "unknown_call");
    }
    hub.settleFor(maker, lab.hubId(), call, 30_000);
    for (String path : List.of(own, ofWonka)) {
      for (NewToken seer : List.of(maker, admin)) {
        JsonNode seen = hub.json(path, seer);
        assertThat(seen.path("state").asString()).isEqualTo("ended");
        assertThat(seen.path("costNanoUsd").longValue()).isEqualTo(30_000);
        assertThat(seen.path("member").asString()).isEqualTo("max");
        assertThat(seen.path("resourceGroup").asString()).isEqualTo("lab");
      }
      refused(hub.get(path, other.secret().reveal()), 404, "unknown_call");
    }
    refused(hub.get(own, stranger.secret().reveal()), 404, "unknown_call");
    refused(hub.get(ofWonka, stranger.secret().reveal()), 404, "not_found");
    refused(
        hub.get("/api/organizations/wonka/billing/calls/nonsense", admin.secret().reveal()),
        404,
        "unknown_call");
    String calls = "/api/organizations/wonka/billing/calls";
    assertThat(hub.json(calls, admin).at("/calls/0/id").asString()).isEqualTo(call.text());
    assertThat(hub.json(calls, admin).at("/calls/0/member").asString()).isEqualTo("max");
    assertThat(hub.json(calls, maker).at("/calls/0/id").asString()).isEqualTo(call.text());
    assertThat(hub.json(calls, other).path("calls")).isEmpty();
    assertThat(hub.json("/api/settings/billing/calls", maker).path("calls"))
        .as("the user's own wallet paid none")
        .isEmpty();
  }

  @Test
  void usageIsToldByResourceGroupAndByMember() {
    NewToken admin = hub.user("amy", Tier.FREE);
    NewToken writer = hub.user("wes", Tier.FREE);
    Hub.done(organizations().create("tyrell", Tier.ENTERPRISE, 1));
    Hub.done(organizations().addMember("tyrell", "amy", Role.ADMIN));
    Hub.done(organizations().addMember("tyrell", "wes", Role.WRITE));
    Group lab = Hub.done(organizations().createGroup("tyrell", "lab"));
    Hub.done(organizations().setGroupMember("tyrell", "lab", "wes", true));
    hub.spend(hub.payer(writer, "tyrell"), 1_000_000);
    spend(writer, lab.hubId(), 25_000_000);
    spend(writer, lab.hubId(), 10_000_000);
    spend(writer, "tyrell", 5_000_000);
    spend(admin, "tyrell", 15_000_000);
    Hub.done(organizations().limit("tyrell", Scope.GROUP, "lab", Nanos.ofUsd("1")));
    assertThat(hub.json("/api/organizations/tyrell/billing/credits", admin).at("/limits/0"))
        .as("set when the month had cost something")
        .isEqualTo(
            Json.MAPPER.readTree(
                """
                {"scope":"group","subject":"lab","limitNanoUsd":1000000000,
                 "usedNanoUsd":35000000,"heldNanoUsd":0,"leftNanoUsd":965000000}
                """));
    Hub.done(organizations().removeMember("tyrell", "wes"));
    String month = Iso.of(MonthlyGrant.startOf(MonthlyGrant.month(hub.ledger.nowMicros())));
    String billing = "/api/organizations/tyrell/billing/";
    assertThat(hub.json(billing + "usage-by-resource-group", admin))
        .isEqualTo(
            Json.MAPPER.readTree(
                """
                {"currency":"USD","periods":[{"period":"%s","resourceGroups":[
                  {"id":"","name":"","requestCount":3,"costCents":2.1},
                  {"id":"%s","name":"lab","requestCount":2,"costCents":3.5}]}]}
                """
                    .formatted(month, lab.hubId())));
    JsonNode members = hub.json(billing + "usage-by-member", admin).at("/periods/0/members");
    assertThat(members.valueStream().map(OrganizationsTest::share))
        .as("the first call was noted without facts")
        .containsExactly(" 1 0.1", "amy 1 1.5", "wes 3 4");
    assertThat(hub.json(billing + "usage-by-member?endDate=2020-01-02&startDate=2020-01-01", admin))
        .isEqualTo(Json.MAPPER.readTree("{\"currency\":\"USD\",\"periods\":[]}"));
    refused(
        hub.get(billing + "usage-by-resource-group", writer.secret().reveal()), 404, "not_found");
  }

  private void spend(NewToken token, String payer, long nanos) {
    hub.settleFor(token, payer, hub.holdFor(token, payer, nanos), nanos);
  }

  private static String share(JsonNode member) {
    return "%s %d %s"
        .formatted(
            member.path("name").asString(),
            member.path("requestCount").longValue(),
            member.path("costCents").decimalValue().toPlainString());
  }

  private static void refused(HttpResponse<String> answer, int status, String code) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(Json.MAPPER.readTree(answer.body()).path("code").asString()).isEqualTo(code);
    assertThat(answer.headers().firstValue("x-error-message")).isPresent();
  }
}
