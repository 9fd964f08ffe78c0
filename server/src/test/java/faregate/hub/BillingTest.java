package faregate.hub;

import static org.assertj.core.api.Assertions.assertThat;

import faregate.id.CallId;
import faregate.identity.Caller;
import faregate.identity.MonthlyGrant;
import faregate.identity.NewToken;
import faregate.identity.Tier;
import faregate.identity.Token;
import faregate.identity.TokenRequest;
import faregate.kit.Clock;
import faregate.kit.Json;
import faregate.ledger.GrantCommand;
import faregate.ledger.GrantOutcome;
import faregate.ledger.LedgerReads;
import faregate.ledger.LotKind;
import faregate.ledger.Reply;
import faregate.money.Nanos;
import faregate.store.Database;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BillingTest {
  private static final String USAGE = "/api/settings/billing/usage-v2";
  private static final String SESSIONS = "/api/settings/billing/usage-by-inference-session";
  private static final String CREDITS = "/api/settings/billing/credits";
  private static final String CALLS = "/api/settings/billing/calls";
  private static final long DIME = 100_000_000;
  private Hub hub;

  @BeforeAll
  void open(@TempDir Path folder) {
    hub = new Hub(database(folder), folder);
  }

  /// The database to be tried on.
  Database database(Path temp) {
    return Database.openSqlite(temp.resolve("faregate.db"), Clock.system());
  }

  @AfterAll
  void close() {
    hub.close();
  }

  /// Before any call, also before the month's grant was ever asked for.
  @Test
  void usageHasTheShapeThatClientsRead() {
    NewToken token = hub.user("alice", Tier.FREE);
    assertThat(hub.json(USAGE, token)).isEqualTo(usage(0, DIME, DIME, 0));
    assertThat(hub.json(SESSIONS, token))
        .isEqualTo(Json.MAPPER.readTree("{\"currency\":\"USD\",\"periods\":[]}"));
  }

  /// What is used is what was charged: a hold is neither used nor gone.
  @Test
  void usageIsTrueAtOnce() {
    NewToken token = hub.user("bob", Tier.FREE);
    Caller bob = hub.caller(token);
    hub.json(USAGE, token);
    CallId first = hub.hold(bob, 40_000_000);
    CallId second = hub.hold(bob, 30_000_000);
    hub.settle(bob, first, 12_345_678, "s1");

    assertThat(hub.json(USAGE, token)).isEqualTo(usage(12_345_678, DIME, DIME, 1));
    JsonNode credits = hub.json(CREDITS, token);
    assertThat(credits.at("/usedNanoUsd").longValue()).isEqualTo(12_345_678);
    assertThat(credits.at("/leftNanoUsd").longValue()).isEqualTo(DIME - 12_345_678);
    assertThat(credits.at("/heldNanoUsd").longValue()).isEqualTo(30_000_000);
    assertThat(credits.at("/availableNanoUsd").longValue()).isEqualTo(DIME - 42_345_678);
    assertThat(credits.at("/lots/0/kind").stringValue()).isEqualTo("grant");
    assertThat(credits.at("/lots/0/usedNanoUsd").longValue()).isEqualTo(12_345_678);
    assertThat(credits.at("/offers/0/provider").stringValue()).isEqualTo("sandbox");
    assertThat(credits.at("/offers/0/model").stringValue()).isEqualTo(Hub.MODEL);
    assertThat(credits.at("/offers/0/sum/outputTokens").longValue()).isEqualTo(20);

    hub.settle(bob, second, 0, "");
    assertThat(hub.json(USAGE, token)).isEqualTo(usage(12_345_678, DIME, DIME, 2));
  }

  @Test
  void creditThatWasGrantedOnTopLiftsTheLimitOnly() {
    NewToken token = hub.user("carol", Tier.PRO);
    Caller carol = hub.caller(token);
    assertThat(hub.json(USAGE, token)).isEqualTo(usage(0, 20 * DIME, 20 * DIME, 0));
    CompletableFuture<GrantOutcome> granted = new CompletableFuture<>();
    hub.ledger.grant(
        new GrantCommand(
            carol.wallet(),
            LotKind.PURCHASED,
            Nanos.ofUsd("5"),
            0,
            Long.MAX_VALUE,
            "top-up",
            "a test"),
        Reply.future(granted));
    assertThat(granted.join()).isInstanceOf(GrantOutcome.Granted.class);
    CallId call = hub.hold(carol, 30 * DIME);
    hub.settle(carol, call, 30 * DIME, "");
    assertThat(hub.json(USAGE, token)).isEqualTo(usage(30 * DIME, 20 * DIME, 70 * DIME, 1));
    assertThat(hub.json(CREDITS, token).at("/lots")).hasSize(3);
    assertThat(hub.json(CREDITS, token).at("/lots/2/expires").isNull()).isTrue();
  }

  @Test
  void aPeriodIsAskedForInSecondsOrInIso() {
    NewToken token = hub.user("dave", Tier.FREE);
    Caller dave = hub.caller(token);
    hub.json(USAGE, token);
    hub.settle(dave, hub.hold(dave, 500), 500, "s");
    long now = hub.ledger.nowMicros() / 1_000_000;
    YearMonth month = MonthlyGrant.month(now * 1_000_000);
    long start = MonthlyGrant.startOf(month) / 1_000_000;

    assertThat(hub.json(USAGE + "?startDate=" + start + "&endDate=" + now, token))
        .isEqualTo(usage(500, DIME, DIME, 1));
    assertThat(hub.json(USAGE + "?startDate=" + (now - 60) + "&endDate=" + now, token))
        .isEqualTo(usage(500, DIME, DIME, 1));
    String days = "?startDate=" + month.atDay(1) + "&endDate=" + month.atEndOfMonth();
    assertThat(hub.json(SESSIONS + days, token).at("/periods/0/sessions/0/requestCount").intValue())
        .isEqualTo(1);
    JsonNode before =
        hub.json(USAGE + "?startDate=2026-01-01T00:00:00Z&endDate=2026-01-31T23:59:59Z", token);
    assertThat(before.at("/usage/inferenceProviders/usedNanoUsd").longValue()).isZero();
    assertThat(before.at("/usage/inferenceProviders/periodStart").stringValue())
        .isEqualTo("2026-01-01T00:00:00.000Z");
    assertThat(before.at("/usage/inferenceProviders/periodEnd").stringValue())
        .isEqualTo("2026-01-31T23:59:59.999Z");
  }

  @Test
  void aPeriodThatIsNoneIsRefusedWithTheCulprit() {
    String secret = hub.user("erin", Tier.FREE).secret().reveal();
    for (String bad :
        List.of(
            "yesterday", "-1", "999999999999", "2026-13-01", "+999999999-01-01T00:00:00Z", "'")) {
      HttpResponse<String> response =
          hub.get(
              USAGE
                  + "?startDate="
                  + java.net.URLEncoder.encode(bad, java.nio.charset.StandardCharsets.UTF_8),
              secret);
      assertThat(response.statusCode()).as(bad).isEqualTo(400);
      assertThat(response.body()).contains("startDate").contains(bad);
    }
    assertThat(hub.get(USAGE + "?startDate=20&endDate=10", secret).body()).contains("swap");
    assertThat(hub.get(CALLS + "?limit=ten", secret).statusCode()).isEqualTo(400);
  }

  @Test
  void sessionsAreCountedAndTheRestStandsUnderNoName() {
    NewToken token = hub.user("frank", Tier.FREE);
    Caller frank = hub.caller(token);
    hub.json(USAGE, token);
    hub.settle(frank, hub.hold(frank, 1000), 1, "chat-1");
    hub.settle(frank, hub.hold(frank, 20_000_000), 20_000_000, "chat-1");
    hub.settle(frank, hub.hold(frank, 1000), 7, "");

    String body = hub.get(SESSIONS, token.secret().reveal()).body();
    YearMonth month = MonthlyGrant.month(hub.ledger.nowMicros());
    assertThat(body)
        .isEqualTo(
            """
            {"currency":"USD","periods":[{"period":"%s-01T00:00:00.000Z","sessions":[\
            {"id":"","requestCount":1,"costCents":0.0000007},\
            {"id":"chat-1","requestCount":2,"costCents":2.0000001}]}]}\
            """
                .formatted(month));
  }

  @Test
  void billsAreForThoseWhoMayReadThem() {
    Hub.done(hub.identities.createUser("gina", Tier.FREE));
    String secret =
        Hub.done(
                hub.identities.createToken(
                    new TokenRequest("gina", Set.of(Caller.INFERENCE), Token.NEVER, "", false)))
            .secret()
            .reveal();
    for (String path : List.of(USAGE, SESSIONS, CREDITS, CALLS, CALLS + "/x")) {
      HttpResponse<String> response = hub.get(path, secret);
      assertThat(response.statusCode()).as(path).isEqualTo(403);
      assertThat(response.headers().firstValue("X-Error-Message").orElseThrow())
          .contains("sufficient permissions")
          .contains("gina")
          .contains("user.billing.read")
          .contains("token create --user gina --permission user.billing.read");
      assertThat(hub.get(path, null).statusCode()).as(path).isEqualTo(401);
    }
  }

  @Test
  void aCallsRecordShowsItsEndToItsOwnWalletOnly() {
    NewToken token = hub.user("henry", Tier.FREE);
    NewToken other = hub.user("ida", Tier.FREE);
    Caller henry = hub.caller(token);
    hub.json(USAGE, token);
    CallId id = hub.hold(henry, 5000);
    JsonNode open = hub.json(CALLS + "/" + id, token);
    assertThat(open.at("/state").stringValue()).isEqualTo("open");
    assertThat(open.at("/heldNanoUsd").longValue()).isEqualTo(5000);
    assertThat(open.at("/costNanoUsd").isNull()).isTrue();

    hub.settle(henry, id, 1234, "s1");
    JsonNode ended = hub.json(CALLS + "/" + id, token);
    assertThat(ended.at("/state").stringValue()).isEqualTo("ended");
    assertThat(ended.at("/reason").stringValue()).isEqualTo("posted");
    assertThat(ended.at("/costNanoUsd").longValue()).isEqualTo(1234);
    assertThat(ended.at("/estimated").booleanValue()).isFalse();
    assertThat(ended.at("/model").stringValue()).isEqualTo(Hub.MODEL);
    assertThat(ended.at("/provider").stringValue()).isEqualTo("sandbox");
    assertThat(hub.json(CALLS, token).at("/calls/0/id").stringValue()).isEqualTo(id.text());

    HttpResponse<String> foreign = hub.get(CALLS + "/" + id, other.secret().reveal());
    HttpResponse<String> none =
        hub.get(CALLS + "/" + new CallId(id.value() + 1), other.secret().reveal());
    assertThat(foreign.statusCode()).isEqualTo(404);
    assertThat(foreign.body().replace(id.text(), ""))
        .isEqualTo(none.body().replaceAll("'.*'", "''"));
    assertThat(hub.get(CALLS + "/nonsense", token.secret().reveal()).statusCode()).isEqualTo(404);
    assertThat(hub.json(CALLS, other).at("/calls")).isEmpty();
  }

  /// While calls are held and settled, each answer adds up; in the end all sums are the ledger's.
  @Test
  void whatIsToldEqualsTheLedgerUnderLoad() {
    NewToken token = hub.user("jack", Tier.PRO);
    Caller jack = hub.caller(token);
    hub.json(USAGE, token);
    List<CompletableFuture<Long>> workers = new ArrayList<>();
    for (int worker = 0; worker < 4; worker++) {
      Random random = new Random(worker);
      workers.add(CompletableFuture.supplyAsync(() -> work(jack, random)));
    }
    int asked = 0;
    while (asked < 5 || workers.stream().anyMatch(each -> !each.isDone())) {
      JsonNode inference = hub.json(USAGE, token).at("/usage/inferenceProviders");
      assertThat(inference.at("/limitNanoUsd").longValue()).isEqualTo(20 * DIME);
      assertThat(inference.at("/usedNanoUsd").longValue()).isBetween(0L, 20 * DIME);
      asked++;
    }
    long charged = workers.stream().mapToLong(CompletableFuture::join).sum();
    JsonNode credits = hub.json(CREDITS, token);
    assertThat(credits.at("/usedNanoUsd").longValue()).isEqualTo(charged);
    assertThat(credits.at("/total/costNanoUsd").longValue()).isEqualTo(charged);
    assertThat(credits.at("/total/requests").longValue()).isEqualTo(4 * 300);
    assertThat(credits.at("/heldNanoUsd").longValue()).isZero();
    assertThat(finished(jack)).isEqualTo(charged);
    assertThat(hub.ledger.audit().wrong()).isNull();
  }

  /// Our own fault is neither a 401 nor a bill of nothing.
  @Test
  void aLedgerThatCannotAnswerIsSaid(@TempDir Path other) {
    try (Hub closing = new Hub(database(other), other)) {
      String secret = closing.user("kate", Tier.FREE).secret().reveal();
      closing.ledger.close();
      HttpResponse<String> response = closing.get(USAGE, secret);
      assertThat(response.statusCode()).isEqualTo(500);
      assertThat(response.headers().firstValue("retry-after")).isPresent();
      assertThat(response.body()).contains("ledger_unavailable");
    }
  }

  private long work(Caller caller, Random random) {
    long charged = 0;
    for (int each = 0; each < 300; each++) {
      long charge = random.nextLong(1, 100_000);
      hub.settle(caller, hub.hold(caller, 100_000), charge, "s" + random.nextInt(3));
      charged += charge;
    }
    return charged;
  }

  /// The sum of the ledger's own rows.
  private long finished(Caller caller) {
    long sum = 0;
    for (long fence : hub.ledger.fences()) {
      for (LedgerReads.Finished row : hub.ledger.finishedAfter(fence, 0, Integer.MAX_VALUE)) {
        sum += row.wallet().equals(caller.wallet()) ? row.charge().value() : 0;
      }
    }
    return sum;
  }

  private JsonNode usage(long used, long included, long limit, long requests) {
    YearMonth month = MonthlyGrant.month(hub.ledger.nowMicros());
    return Json.MAPPER.readTree(
        """
        {"usage":{"inferenceProviders":{"usedNanoUsd":%d,"includedNanoUsd":%d,"limitNanoUsd":%d,
           "numRequests":%d,"periodStart":"%sT00:00:00.000Z","periodEnd":"%sT23:59:59.999Z"},
         "jobs":{"usedMicroUsd":0,"totalMinutes":0}}}
        """
            .formatted(used, included, limit, requests, month.atDay(1), month.atEndOfMonth()));
  }
}
