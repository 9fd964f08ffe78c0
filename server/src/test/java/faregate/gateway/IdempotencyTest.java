package faregate.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import faregate.gateway.Client.Answer;
import faregate.gateway.RunningHouse.Guest;
import faregate.id.CallId;
import faregate.identity.Organizations;
import faregate.identity.Permissions;
import faregate.identity.Role;
import faregate.identity.Tier;
import faregate.identity.Token;
import faregate.identity.TokenRequest;
import faregate.limit.RateRule;
import faregate.money.Nanos;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A client that repeats itself, through the door: one key, one call at the provider.
class IdempotencyTest {
  private static final AtomicInteger NAMES = new AtomicInteger();
  private static final String KEY = "Idempotency-Key";
  private static final String SLOW = "\"sandbox\":{\"delay_ms\":600},\"max_tokens\":20";
  @TempDir private static Path folder;
  private static RunningHouse house;
  private String name = "";
  private Guest guest;
  private Client client;
  private String providerModel = "";

  @BeforeAll
  static void open() throws Exception {
    house =
        new RunningHouse(
            folder.resolve("keys.db"), new CallSettings(8, 2, 1_000, 2, 2, 1, 2, 1 << 20));
  }

  @AfterAll
  static void close() throws Exception {
    assertThat(house.ledger().audit().wrong()).isNull();
    house.close();
  }

  @BeforeEach
  void meet() {
    int number = NAMES.incrementAndGet();
    name = "keyed" + number;
    guest = house.guest(name);
    providerModel = "m" + number;
    client = new Client(house.port(), guest.token(), "test/" + providerModel + ":one");
  }

  @Test
  void ofAHundredAtOnceExactlyOneIsDispatched() throws Exception {
    List<CompletableFuture<Answer>> all = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      all.add(client.postLater(client.chat(SLOW), KEY, "order-1"));
    }
    List<Answer> answers = all.stream().map(CompletableFuture::join).toList();
    List<Answer> served = answers.stream().filter(answer -> answer.status() == 200).toList();
    assertThat(served).hasSize(1);
    CallId first = served.getFirst().id();
    for (Answer answer : answers) {
      if (answer.status() != 200) {
        assertRepeated(answer, first);
      }
    }
    assertThat(house.onlyCall(providerModel).costNanoUsd())
        .isEqualTo(house.posted(guest).value())
        .isPositive();
  }

  private static void assertRepeated(Answer answer, CallId first) {
    assertThat(answer.status()).isEqualTo(409);
    assertThat(answer.header("x-should-retry")).isEqualTo("false");
    assertThat(answer.header("x-error-message")).contains(first.text());
    assertThat(answer.error().path("code").stringValue()).isEqualTo("idempotency_key_repeated");
    assertThat(answer.error().path("type").stringValue()).isEqualTo("invalid_request_error");
    assertThat(answer.error().path("first_request_id").stringValue()).isEqualTo(first.text());
    assertThat(answer.error().path("state").stringValue()).isIn("open", "posted");
    assertThat(answer.error().path("same_request").booleanValue()).isTrue();
    assertThat(answer.error().has("cost_nano_usd"))
        .isEqualTo(answer.error().path("state").stringValue().equals("posted"));
  }

  @Test
  void aRepeatIsToldWhatTheFirstCost() throws Exception {
    String body = client.chat("\"max_tokens\":20");
    Answer first = client.post(body, KEY, "order-1");
    Answer repeat = client.post(body, KEY, "order-1");
    assertRepeated(repeat, first.id());
    assertThat(repeat.error().path("state").stringValue()).isEqualTo("posted");
    assertThat(repeat.error().path("cost_nano_usd").longValue())
        .isEqualTo(first.json().at("/usage/cost_nano_usd").longValue())
        .isEqualTo(house.posted(guest).value());
    assertThat(client.post(body, KEY, "order-2").status()).isEqualTo(200);
  }

  @Test
  void aRepeatOfARunningStreamFindsItOpen() throws Exception {
    CompletableFuture<Answer> stream =
        client.postLater(client.chat("\"stream\":true", SLOW), KEY, "order-1");
    await().until(() -> !house.pending(guest).equals(Nanos.ZERO));
    Answer repeat = client.post(client.chat("\"stream\":true", SLOW), KEY, "order-1");
    assertThat(repeat.status()).isEqualTo(409);
    assertThat(repeat.error().path("state").stringValue()).isEqualTo("open");
    assertThat(stream.join().status()).isEqualTo(200);
  }

  @Test
  void theSameKeyWithAnotherBodyIsRefusedAndSaysSo() throws Exception {
    Answer first = client.post(client.chat("\"max_tokens\":20"), KEY, "order-1");
    Answer other = client.post(client.chat("\"max_tokens\":21"), KEY, "order-1");
    assertThat(other.status()).isEqualTo(409);
    assertThat(other.header("x-should-retry")).isEqualTo("false");
    assertThat(other.error().path("code").stringValue()).isEqualTo("idempotency_key_reused");
    assertThat(other.error().path("first_request_id").stringValue()).isEqualTo(first.id().text());
    assertThat(other.error().path("message").stringValue()).contains("another request");
  }

  @Test
  void aKeyIsTheTokensOwn() throws Exception {
    String body = client.chat("\"max_tokens\":20");
    assertThat(client.post(body, KEY, "order-1").status()).isEqualTo(200);
    Guest stranger = house.guest("stranger" + NAMES.get());
    Client other = new Client(house.port(), stranger.token(), "test/" + providerModel + ":one");
    assertThat(other.post(body, KEY, "order-1").status()).isEqualTo(200);
  }

  @Test
  void afterAVoidTheKeyMayBeUsedAgain() throws Exception {
    String failing = client.chat("\"sandbox\":{\"status\":500,\"times\":1,\"key\":\"void\"}");
    assertThat(client.post(failing, KEY, "order-1").status()).isGreaterThanOrEqualTo(500);
    Answer retry = client.post(failing, KEY, "order-1");
    assertThat(retry.status()).isEqualTo(200);
    assertThat(client.post(failing, KEY, "order-1").error().path("first_request_id").stringValue())
        .isEqualTo(retry.id().text());
  }

  @Test
  void aRefusedCallLeavesNoKey() throws Exception {
    String tooMuch = client.chat("\"max_tokens\":16384");
    assertThat(client.post(tooMuch, KEY, "order-1").status()).isEqualTo(402);
    house.grant(guest, "1");
    assertThat(client.post(tooMuch, KEY, "order-1").status()).isEqualTo(200);
  }

  @Test
  void aKeyIsThePayersOwn() throws Exception {
    Organizations organizations = house.identities().organizations();
    RunningHouse.done(organizations.create("acme", Tier.TEAM, 1));
    RunningHouse.done(organizations.addMember("acme", name, Role.WRITE));
    String body = client.chat("\"max_tokens\":20");
    Answer mine = client.post(body, KEY, "order-1");
    Answer theirs = client.post(body, KEY, "order-1", "X-HF-Bill-To", "acme");
    assertThat(theirs.status()).as(theirs.raw().body()).isEqualTo(200);
    assertRepeated(client.post(body, KEY, "order-1"), mine.id());
    assertRepeated(client.post(body, KEY, "order-1", "X-HF-Bill-To", "acme"), theirs.id());
  }

  // ---- what would be refused before its hold ----

  @Test
  void aRepeatBeyondTheTokensRateIsToldOfTheFirst() throws Exception {
    TokenRequest request = new TokenRequest(name, Permissions.DEFAULT, Token.NEVER, "", false, 2);
    String token = house.token(request).secret().reveal();
    Client bounded = new Client(house.port(), token, "test/" + providerModel + ":one");
    String slow = bounded.chat("\"sandbox\":{\"delay_ms\":1500},\"max_tokens\":20");
    CompletableFuture<Answer> first = bounded.postLater(slow, KEY, "order-1");
    await().until(() -> !house.pending(guest).equals(Nanos.ZERO));
    assertThat(bounded.post(bounded.chat("\"max_tokens\":20"), KEY, "order-2").status())
        .isEqualTo(200);
    Answer running = bounded.post(slow, KEY, "order-1");
    assertRepeated(running, first.join().id());
    assertThat(running.error().path("state").stringValue()).isEqualTo("open");
    assertThat(running.header("retry-after")).isEmpty();
    assertThat(running.header("RateLimit")).contains("r=0;");
    Answer posted = bounded.post(slow, KEY, "order-1");
    assertRepeated(posted, first.join().id());
    assertThat(posted.error().path("cost_nano_usd").longValue())
        .isEqualTo(first.join().json().at("/usage/cost_nano_usd").longValue());
    for (Answer other : List.of(bounded.post(slow), bounded.post(slow, KEY, "order-3"))) {
      assertThat(other.status()).as(other.raw().body()).isEqualTo(429);
      assertThat(other.error().path("code").stringValue()).isEqualTo("rate_limit_exceeded");
    }
  }

  @Test
  void aRepeatBeyondTheProvidersRateIsToldOfTheFirst() throws Exception {
    house.bound(new RateRule("one", "free", 1));
    try {
      String body = client.chat("\"max_tokens\":20");
      Answer first = client.post(body, KEY, "order-1");
      assertRepeated(client.post(body, KEY, "order-1"), first.id());
      assertThat(client.post(body, KEY, "order-2").status()).isEqualTo(429);
      house.bound();
      assertThat(client.post(body, KEY, "order-2").status())
          .as("a refusal leaves no key")
          .isEqualTo(200);
    } finally {
      house.bound();
    }
  }

  @Test
  void aKnownKeyWithAModelThatIsNotThereIsToldOfTheFirst() throws Exception {
    Client strayed = client.of("no/such");
    assertThat(strayed.post(strayed.chat(), KEY, "order-1").status()).isEqualTo(400);
    Answer first = client.post(client.chat("\"max_tokens\":20"), KEY, "order-1");
    assertThat(first.status()).isEqualTo(200);
    Answer repeat = strayed.post(strayed.chat(), KEY, "order-1");
    assertThat(repeat.status()).isEqualTo(409);
    assertThat(repeat.error().path("code").stringValue()).isEqualTo("idempotency_key_reused");
    assertThat(repeat.error().path("first_request_id").stringValue()).isEqualTo(first.id().text());
  }

  @ParameterizedTest
  @ValueSource(strings = {" ", "LONG", "a\tb"})
  void whatIsNoKeyIsRefused(String key) throws Exception {
    String sent = key.equals("LONG") ? "k".repeat(256) : key;
    Answer answer = client.post(client.chat(), KEY, sent);
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.error().path("code").stringValue()).isEqualTo("invalid_idempotency_key");
    assertThat(answer.error().path("param").stringValue()).isEqualTo(KEY);
    assertThat(house.posted(guest)).isEqualTo(Nanos.ZERO);
  }
}
