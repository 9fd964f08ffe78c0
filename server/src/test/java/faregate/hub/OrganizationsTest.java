package faregate.hub;

import static org.assertj.core.api.Assertions.assertThat;

import faregate.identity.Group;
import faregate.identity.Limit.Scope;
import faregate.identity.MonthlyGrant;
import faregate.identity.NewToken;
import faregate.identity.Organizations;
import faregate.identity.Payer;
import faregate.identity.Role;
import faregate.identity.Tier;
import faregate.kit.Json;
import faregate.money.Nanos;
import java.net.http.HttpResponse;
import java.nio.file.Path;
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

  private static void refused(HttpResponse<String> answer, int status, String code) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(Json.MAPPER.readTree(answer.body()).path("code").asString()).isEqualTo(code);
    assertThat(answer.headers().firstValue("x-error-message")).isPresent();
  }
}
