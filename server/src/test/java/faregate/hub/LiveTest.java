package faregate.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import faregate.id.CallId;
import faregate.identity.Caller;
import faregate.identity.NewToken;
import faregate.identity.Organizations;
import faregate.identity.Role;
import faregate.identity.Tier;
import faregate.identity.Token;
import faregate.identity.TokenRequest;
import faregate.kit.Json;
import faregate.store.PostgresServers;
import faregate.store.PostgresSettings;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// The month's figures as they change.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LiveTest {
  private static final String OWN = "/api/settings/billing/usage/live";
  private static final int LISTENERS_MAX = 16;
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
  void tellsTheMonthAtOnceAndWheneverItChanges() throws Exception {
    NewToken token = hub.user("alice", Tier.FREE);
    Caller alice = hub.caller(token);
    hub.json("/api/settings/billing/usage-v2", token);
    hub.settle(alice, hub.hold(alice, 9_000), 7_000, "");
    try (Listening live = Listening.to(hub.url(OWN), token)) {
      JsonNode first = live.next();
      JsonNode inference = first.path("inference");
      assertThat(inference.path("usedNanoUsd").longValue()).isEqualTo(7_000);
      assertThat(inference.path("includedNanoUsd").longValue()).isEqualTo(100_000_000);
      assertThat(inference.path("limitNanoUsd").longValue()).isEqualTo(100_000_000);
      assertThat(inference.path("numRequests").longValue()).isEqualTo(1);
      assertThat(inference.path("lastUpdated").asString()).endsWith("Z");
      assertThat(inference.path("providerDetails"))
          .isEqualTo(
              Json.MAPPER.readTree(
                  "[{\"provider\":\"sandbox\",\"requests\":1,\"cost\":7000,\"duration\":100}]"));
      JsonNode read =
          hub.json("/api/settings/billing/usage", token).at("/usage/inferenceProviders");
      read.propertyNames()
          .forEach(name -> assertThat(inference.path(name)).isEqualTo(read.path(name)));
      assertThat(first.path("jobs")).isEqualTo(Json.MAPPER.readTree(NO_JOBS));

      CallId call = hub.hold(alice, 9_000);
      hub.settle(alice, call, 3_000, "");
      assertThat(used(live.next())).isEqualTo("10000 2");
      hub.settle(alice, hub.hold(alice, 9_000), 0, "");
      assertThat(used(live.next())).as("a call that cost nothing").isEqualTo("10000 3");
    }
  }

  private static final String NO_JOBS = "{\"usedMicroUsd\":0,\"totalMinutes\":0}";

  private static String used(JsonNode event) {
    JsonNode inference = event.path("inference");
    return inference.path("usedNanoUsd").longValue()
        + " "
        + inference.path("numRequests").longValue();
  }

  @Test
  void isForThoseWhoMayReadTheBill() throws Exception {
    NewToken admin = hub.user("ada", Tier.FREE);
    NewToken writer = hub.user("will", Tier.FREE);
    NewToken mute =
        Hub.done(
            hub.identities.createToken(
                new TokenRequest("ada", Set.of(Caller.INFERENCE), Token.NEVER, "", false)));
    Organizations organizations = hub.identities.organizations();
    Hub.done(organizations.create("acme", Tier.TEAM, 3));
    Hub.done(organizations.addMember("acme", "ada", Role.ADMIN));
    Hub.done(organizations.addMember("acme", "will", Role.WRITE));
    String acme = "/api/organizations/acme/billing/usage/live";
    try (Listening live = Listening.to(hub.url(acme), admin);
        Listening own = Listening.to(hub.url("/api/users/ADA/billing/usage/live"), admin)) {
      assertThat(live.next().at("/inference/includedNanoUsd").longValue())
          .isEqualTo(6_000_000_000L);
      assertThat(own.next().at("/inference/includedNanoUsd").longValue()).isEqualTo(100_000_000);
      hub.spend(hub.payer(writer, "acme"), 5_000);
      assertThat(used(live.next())).startsWith("5000 ");

      Hub.done(organizations.addMember("acme", "ada", Role.WRITE));
      assertThat(live.next().path("error").asString())
          .contains("for its admins, and ada is there as write");
      assertThat(live.isOver()).isTrue();
      hub.identities.revokeToken(admin.token().id());
      assertThat(own.next().path("error").asString())
          .isEqualTo("Invalid credentials in Authorization header");
      assertThat(own.isOver()).isTrue();
    }
    refused(acme, writer, 403, "missing_permission");
    refused(OWN, mute, 403, "missing_permission");
    refused("/api/users/ada/billing/usage/live", writer, 404, "not_found");
    refused("/api/organizations/globex/billing/usage/live", writer, 404, "not_found");
  }

  private void refused(String path, NewToken token, int status, String code) {
    HttpResponse<String> answer = hub.get(path, token.secret().reveal());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(Json.MAPPER.readTree(answer.body()).path("code").asString()).isEqualTo(code);
  }

  @Test
  void boundsHowManyListen() throws Exception {
    NewToken token = hub.user("bob", Tier.FREE);
    NewToken other = hub.user("carol", Tier.FREE);
    List<Listening> all = new ArrayList<>();
    try {
      for (int i = 0; i < LISTENERS_MAX; i++) {
        all.add(Listening.to(hub.url(OWN), token));
        all.getLast().next();
      }
      refused(OWN, token, 429, "too_many_listeners");
      assertThat(hub.get(OWN, token.secret().reveal()).headers().firstValue("retry-after"))
          .isPresent();
      all.add(Listening.to(hub.url(OWN), other));
      all.getLast().next();
      all.removeFirst().close();
      await()
          .untilAsserted(
              () -> {
                try (Listening again = Listening.to(hub.url(OWN), token)) {
                  again.next();
                }
              });
    } finally {
      all.forEach(Listening::close);
    }
  }

  @Test
  void worksOnlyWhileSomebodyListens() throws Exception {
    NewToken token = hub.user("emil", Tier.FREE);
    try (Listening live = Listening.to(hub.url(OWN), token)) {
      live.next();
      long before = hub.lotsRead();
      await().untilAsserted(() -> assertThat(hub.lotsRead()).isGreaterThan(before + 1));
    }
    await()
        .untilAsserted(
            () -> {
              long before = hub.lotsRead();
              Thread.sleep(1500);
              assertThat(hub.lotsRead()).isEqualTo(before);
            });
  }

  /// What another node charges is told here.
  @Test
  void hearsOfOtherNodes(@TempDir Path here, @TempDir Path there) throws Exception {
    PostgresSettings settings = PostgresServers.shared(PostgresServers.NEW).database();
    try (Hub one = new Hub(PostgresServers.open(settings), here);
        Hub two = new Hub(PostgresServers.open(settings), there)) {
      NewToken token = one.user("dora", Tier.FREE);
      try (Listening live = Listening.to(one.url(OWN), token)) {
        assertThat(used(live.next())).isEqualTo("0 0");
        Caller dora = two.caller(token);
        two.settle(dora, two.hold(dora, 9_000), 4_000, "");
        assertThat(used(live.next())).isEqualTo("4000 1");
      }
    }
  }
}
