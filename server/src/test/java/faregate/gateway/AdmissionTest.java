package faregate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import faregate.gateway.Client.Answer;
import faregate.gateway.RunningHouse.Guest;
import faregate.id.TokenId;
import faregate.identity.Permissions;
import faregate.identity.Tier;
import faregate.identity.Token;
import faregate.identity.TokenRequest;
import faregate.kit.Secret;
import faregate.limit.RateRule;
import faregate.money.Nanos;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Bounds on how many calls may be made, through the door.
class AdmissionTest {
  private static final CallSettings QUICK = new CallSettings(60, 1, 1_000, 20, 20, 1, 10, 1 << 20);

  /// As the Hub's Python client reads it.
  private static final String RATE_LIMIT = "\"(\\w+)\";r=(\\d+);t=(\\d+)";

  @TempDir private static Path folder;
  private static RunningHouse house;

  @BeforeAll
  static void open() throws Exception {
    house = new RunningHouse(folder.resolve("rates.db"), QUICK);
  }

  @AfterEach
  void unbound() {
    house.bound();
  }

  @AfterAll
  static void close() throws Exception {
    assertThat(house.ledger().audit().holds()).isZero();
    house.close();
  }

  private static Answer call(Client client) throws Exception {
    return client.post(client.chat("\"max_tokens\":5"));
  }

  private static Client bounded(String user, int perHour, String model) {
    TokenRequest request =
        new TokenRequest(user, Permissions.DEFAULT, Token.NEVER, "", false, perHour);
    return new Client(house.port(), house.token(request).secret().reveal(), model);
  }

  @Test
  void aTokenMakesSoManyAnHour() throws Exception {
    Guest alice = house.guest("alice");
    Client client = bounded("alice", 2, "test/m0:one");
    Answer first = call(client);
    assertThat(first.header("RateLimit")).matches("\"api\";r=1;t=3(600|599)");
    assertThat(first.header("RateLimit-Policy")).isEqualTo("\"fixed window\";\"api\";q=2;w=3600");
    Answer streamed = client.post(client.chat("\"max_tokens\":5", "\"stream\":true"));
    assertThat(streamed.header("RateLimit")).contains("r=0;");
    Nanos posted = house.posted(alice);
    long seen = house.callsSeen();
    Answer refused = call(client);
    assertThat(refused.status()).isEqualTo(429);
    assertThat(refused.error().path("code").stringValue()).isEqualTo("rate_limit_exceeded");
    assertThat(refused.error().path("message").stringValue()).contains("2 requests an hour");
    assertThat(refused.header("RateLimit")).matches(RATE_LIMIT).contains("r=0;");
    assertThat(Long.parseLong(refused.header("Retry-After"))).isBetween(3_590L, 3_600L);
    assertThat(refused.header("X-Error-Message")).contains("2 requests an hour");
    assertThat(house.callsSeen()).isEqualTo(seen);
    assertThat(house.posted(alice)).isEqualTo(posted);
    assertThat(house.pending(alice)).isEqualTo(Nanos.ZERO);
    Answer free = call(new Client(house.port(), alice.token(), "test/m0:one"));
    assertThat(free.status()).as("another token of hers").isEqualTo(200);
    assertThat(free.header("RateLimit")).isEmpty();
  }

  @Test
  void ofManyAtOnceExactlySoManyAreMade() throws Exception {
    house.guest("bob");
    Client client = bounded("bob", 10, "test/m1:one");
    List<CompletableFuture<Answer>> answers = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      answers.add(client.postLater(client.chat("\"max_tokens\":5")));
    }
    assertThat(answers.stream().filter(answer -> answer.join().status() == 200)).hasSize(10);
    assertThat(answers.stream().filter(answer -> answer.join().status() == 429)).hasSize(50);
  }

  @Test
  void aBoundOfATokenIsChangedAtOnce() throws Exception {
    house.guest("carol");
    TokenRequest request =
        new TokenRequest("carol", Permissions.DEFAULT, Token.NEVER, "", false, 1);
    var made = house.token(request);
    Client client = new Client(house.port(), made.secret().reveal(), "test/m2:one");
    assertThat(call(client).status()).isEqualTo(200);
    assertThat(call(client).status()).isEqualTo(429);
    TokenId id = made.token().id();
    RunningHouse.done(house.identities().limitToken(id, 0));
    assertThat(call(client).status()).isEqualTo(200);
  }

  @Test
  void aProviderBoundsATier() throws Exception {
    house.bound(new RateRule("one", "free", 2));
    Guest dave = house.guest("dave");
    Client named = new Client(house.port(), dave.token(), "test/m3:one");
    assertThat(call(named).header("RateLimit")).contains("r=1;");
    assertThat(call(named).status()).isEqualTo(200);
    Answer refused = call(named);
    assertThat(refused.status()).isEqualTo(429);
    assertThat(refused.error().path("provider").stringValue()).isEqualTo("one");
    assertThat(refused.error().path("message").stringValue())
        .contains("tier free", "2 requests an hour", "provider one");
    assertThat(refused.header("Retry-After")).isNotEmpty();
    for (int i = 0; i < 6; i++) {
      Answer passed = call(named.of("test/m4"));
      assertThat(passed.status()).as("another provider takes it").isEqualTo(200);
      assertThat(passed.header("x-inference-provider")).isNotEqualTo("one");
    }
    Guest pro = house.guest("erin", Tier.PRO);
    Guest other = house.guest("frank");
    for (int i = 0; i < 4; i++) {
      assertThat(call(new Client(house.port(), pro.token(), "test/m3:one")).status())
          .isEqualTo(200);
    }
    assertThat(call(new Client(house.port(), other.token(), "test/m3:one")).status())
        .as("each user is counted alone")
        .isEqualTo(200);
    house
        .providerKeys()
        .set(
            RunningHouse.done(house.identities().organizations().payer("dave")).account(),
            "one",
            new Secret("sk-own"));
    assertThat(call(named).status()).as("on a key of one's own").isEqualTo(200);
  }

  @Test
  void aRuleThatGoesLetsThrough() throws Exception {
    house.bound(new RateRule("one", "free", 1));
    Guest guest = house.guest("grace");
    Client named = new Client(house.port(), guest.token(), "test/m5:one");
    assertThat(call(named).status()).isEqualTo(200);
    assertThat(call(named).status()).isEqualTo(429);
    house.bound();
    assertThat(call(named).status()).isEqualTo(200);
  }

  @Test
  void whatIsUsedUpTakesNoSecondAttemptEither() throws Exception {
    house.bound(new RateRule("two", "free", 1), new RateRule("three", "free", 1));
    Guest guest = house.guest("heidi");
    String failing = "\"sandbox\":{\"status\":500}";
    long seen = house.callsSeen();
    Client client = new Client(house.port(), guest.token(), "test/m6");
    assertThat(client.post(client.chat("\"max_tokens\":5", failing)).status()).isEqualTo(502);
    assertThat(house.callsSeen()).as("each was attempted").isEqualTo(seen + 3);
    Client again = client.of("test/m7");
    assertThat(again.post(again.chat("\"max_tokens\":5", failing)).status()).isEqualTo(502);
    assertThat(house.callsSeen()).as("only the first may be").isEqualTo(seen + 4);
    assertThat(house.pending(guest)).isEqualTo(Nanos.ZERO);
  }
}
