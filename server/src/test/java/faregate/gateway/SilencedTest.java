package faregate.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import faregate.gateway.Client.Answer;
import faregate.gateway.RunningHouse.Guest;
import faregate.id.WalletId;
import faregate.identity.Payer;
import faregate.kit.Json;
import faregate.kit.Secret;
import faregate.ledger.Ending;
import faregate.ledger.LedgerReads;
import faregate.money.Nanos;
import faregate.sandbox.BillEntry;
import faregate.store.Presence;
import faregate.usage.Facts;
import faregate.usage.FactsCodec;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/// A node that was not heard for too long, seen from the door: it sends nothing to any provider,
/// whoever's key it would be, and ends what is running. How it comes to be silenced is told by
/// MembershipTest of the room `store`; here it is told by a test.
class SilencedTest {
  private static final CallSettings QUICK = new CallSettings(60, 5, 5_000, 5, 5, 1, 10, 1 << 20);
  private static final long TERM = 7;
  private static final long NEXT_TERM = 8;
  private static final long PROMPT = 11 * 1_000;
  private static final long TOKEN = 10_000;
  private static final AtomicLong PRESENT = new AtomicLong(TERM);
  private static final AtomicInteger NUMBERS = new AtomicInteger();
  @TempDir private static Path folder;
  private static KeyedProvider keyed;
  private static RunningHouse house;
  private String name = "";
  private String model = "";
  private Guest guest = new Guest("", new WalletId(1));
  private Client client = new Client(1, "", "");

  @BeforeAll
  static void open() throws Exception {
    keyed = new KeyedProvider();
    String providers =
        """
          keyed:
            base_url: %s
            key: sk-of-the-operator
            models:
              - {id: test/own, provider_model: k, input_usd_per_mtok: 1, output_usd_per_mtok: 10,
                 context_tokens: 65536, max_output_tokens: 1024}
        """
            .formatted(keyed.baseUrl());
    house = RunningHouse.present(folder.resolve("silenced.db"), QUICK, PRESENT::get, providers);
  }

  @AfterAll
  static void close() throws Exception {
    LedgerReads.AuditReport audit = house.ledger().audit();
    assertThat(audit.wrong()).isNull();
    assertThat(audit.holds()).isZero();
    house.close();
    keyed.close();
  }

  @BeforeEach
  void meet() {
    int number = NUMBERS.incrementAndGet();
    name = "alice" + number;
    model = "m" + number;
    guest = house.guest(name);
    client = new Client(house.port(), guest.token(), "test/" + model + ":one");
  }

  @AfterEach
  void present() {
    PRESENT.set(TERM);
  }

  /// Some forty seconds long, with 20 ms.
  private String streamed(int chunkMillis) {
    return client.chat(
        "\"stream\":true",
        "\"max_tokens\":2000",
        "\"sandbox\":{\"tokens\":2000,\"chunk_ms\":" + chunkMillis + "}");
  }

  private int generated() {
    return house.callsSeen() == 0 ? 0 : house.onlyCall(model).generatedTokens();
  }

  /// Silence, or another number: either way others have ended, or will end, what runs here.
  @ParameterizedTest
  @CsvSource({"" + Presence.AWAY, "" + NEXT_TERM})
  void aRunningStreamIsEndedByAnErrorEventAndChargedForWhatWasDelivered(long then)
      throws Exception {
    CompletableFuture<Answer> running = client.postLater(streamed(20));
    await().ignoreExceptions().until(() -> generated() > 10);
    PRESENT.set(then);
    Answer answer = running.get(20, TimeUnit.SECONDS);
    assertThat(answer.raw().body()).doesNotContain("[DONE]");
    JsonNode error = data(answer.events().getLast()).path("error");
    assertThat(error.path("code").stringValue()).isEqualTo("node_silenced");
    long delivered =
        answer.events().stream().filter(event -> event.contains("\"delta\":{\"content\":")).count();
    Ending ending = house.ending(answer.id());
    assertThat(ending.estimated()).isTrue();
    assertThat(ending.charge().value())
        .isEqualTo(PROMPT + delivered * TOKEN)
        .as("told, unless the commit took long")
        .isEqualTo(error.path("cost_nano_usd").longValue(ending.charge().value()));
    assertThat(house.posted(guest)).isEqualTo(ending.charge());
    BillEntry bill = house.bill(answer.id());
    assertThat(bill.state()).as("stopped, not left running").isEqualTo(BillEntry.State.CANCELLED);
    assertThat(bill.costNanoUsd() - ending.charge().value())
        .isBetween(0L, house.incident(answer.id(), "exposure"));
  }

  /// Nothing is charged for it, and it is ended all the same.
  @Test
  void aRunningStreamOnAKeyOfTheCallersOwnIsEndedToo() throws Exception {
    Payer payer = RunningHouse.done(house.identities().organizations().payer(name));
    house.providerKeys().set(payer.account(), "one", new Secret("sk-own-of-" + name));
    CompletableFuture<Answer> running = client.postLater(streamed(20));
    await().ignoreExceptions().until(() -> generated() > 10);
    PRESENT.set(Presence.AWAY);
    Answer answer = running.get(20, TimeUnit.SECONDS);
    assertThat(answer.raw().body()).doesNotContain("[DONE]");
    JsonNode error = data(answer.events().getLast()).path("error");
    assertThat(error.path("code").stringValue()).isEqualTo("node_silenced");
    assertThat(FactsCodec.decode(house.ended(answer.id()).facts()).payment().byok()).isTrue();
    assertThat(house.posted(guest)).isEqualTo(Nanos.ZERO);
    await().until(() -> house.onlyCall(model).state() == BillEntry.State.CANCELLED);
  }

  /// As where the database is away: the client is not kept waiting for a commit that may never
  /// come, and is not told that its answer was complete.
  @Test
  void aStreamThatCannotBeSettledIsEndedByTheSameEvent() throws Exception {
    CompletableFuture<Answer> running = client.postLater(streamed(20));
    await().ignoreExceptions().until(() -> generated() > 10);
    Answer answer;
    try (AutoCloseable _ = house.blockTheDatabase()) {
      PRESENT.set(Presence.AWAY);
      answer = running.get(4, TimeUnit.SECONDS);
    }
    assertThat(answer.raw().body()).doesNotContain("[DONE]");
    JsonNode error = data(answer.events().getLast()).path("error");
    assertThat(error.path("code").stringValue()).isEqualTo("node_silenced");
    assertThat(error.has("cost_nano_usd")).as("nobody knows it yet").isFalse();
    assertThat(house.ending(answer.id()).charge()).isEqualTo(house.posted(guest));
    assertThat(house.posted(guest).value()).isGreaterThan(PROMPT);
  }

  @Test
  void anAnswerInTheMakingIsGivenUpAndCostsNothing() throws Exception {
    String slow = client.chat("\"max_tokens\":5", "\"sandbox\":{\"delay_ms\":30000}");
    CompletableFuture<Answer> running = client.postLater(slow);
    await()
        .ignoreExceptions()
        .until(() -> house.onlyCall(model).state() == BillEntry.State.RUNNING);
    PRESENT.set(Presence.AWAY);
    Answer answer = running.get(20, TimeUnit.SECONDS);
    assertThat(answer.status()).isEqualTo(500);
    assertThat(answer.error().path("code").stringValue()).isEqualTo("node_silenced");
    assertThat(house.ending(answer.id()).charge()).isEqualTo(Nanos.ZERO);
    assertThat(house.incident(answer.id(), "exposure"))
        .as("it may bill it all the same")
        .isPositive();
    await().until(() -> house.onlyCall(model).state() == BillEntry.State.CANCELLED);
  }

  @Test
  void aNewCallReachesNoProviderUntilTheNodeIsBack() throws Exception {
    long seen = house.callsSeen();
    PRESENT.set(Presence.AWAY);
    for (String body : new String[] {client.chat("\"max_tokens\":5"), streamed(0)}) {
      refused(client.post(body));
    }
    assertThat(house.callsSeen()).isEqualTo(seen);
    assertThat(house.pending(guest)).isEqualTo(Nanos.ZERO);
    PRESENT.set(NEXT_TERM);
    Answer answer = client.post(client.chat("\"max_tokens\":5"));
    assertThat(answer.status()).as(answer.raw().body()).isEqualTo(200);
    assertThat(house.callsSeen()).isEqualTo(seen + 1);
  }

  private static void refused(Answer answer) {
    assertThat(answer.status()).as(answer.raw().body()).isEqualTo(500);
    assertThat(answer.error().path("code").stringValue()).isEqualTo("ledger_unavailable");
    assertThat(answer.header("Retry-After")).isEqualTo("1");
  }

  /// Its wallet has nothing to lose, so nothing but the rule stands in its way.
  @Test
  void aCallOnAKeyOfTheCallersOwnReachesNoProviderEither() throws Exception {
    String own = "sk-own-of-" + name;
    Payer payer = RunningHouse.done(house.identities().organizations().payer(name));
    house.providerKeys().set(payer.account(), "keyed", new Secret(own));
    Client holder = client.of("test/own:keyed");
    assertThat(holder.post(holder.chat()).status()).isEqualTo(200);
    assertThat(keyed.keys()).containsOnlyOnce(own);
    PRESENT.set(Presence.AWAY);
    refused(holder.post(holder.chat()));
    refused(holder.post(holder.chat("\"stream\":true")));
    assertThat(keyed.keys()).containsOnlyOnce(own).hasSize(1);
    PRESENT.set(NEXT_TERM);
    Answer answer = holder.post(holder.chat());
    assertThat(answer.status()).as(answer.raw().body()).isEqualTo(200);
    Facts facts = FactsCodec.decode(house.ended(answer.id()).facts());
    assertThat(facts.payment().byok()).isTrue();
    assertThat(keyed.keys()).containsExactly(own, own);
  }

  /// The silence falls while the hold is on its way to the ledger.
  @Test
  void aHoldThatCameTooLateIsLetGoAndNothingIsSent() throws Exception {
    Answer warm = client.post(client.chat("\"max_tokens\":5"));
    assertThat(warm.status()).isEqualTo(200);
    Nanos posted = house.posted(guest);
    long seen = house.callsSeen();
    CompletableFuture<Answer> waiting;
    try (AutoCloseable _ = house.blockTheDatabase()) {
      waiting = client.postLater(client.chat("\"max_tokens\":5"));
      Thread.sleep(500);
      assertThat(waiting).isNotDone();
      PRESENT.set(Presence.AWAY);
    }
    Answer late = waiting.get(20, TimeUnit.SECONDS);
    refused(late);
    assertThat(house.ending(late.id()).reason()).as("it was held").isEqualTo("no_answer");
    assertThat(house.callsSeen()).isEqualTo(seen);
    await().untilAsserted(() -> assertThat(house.pending(guest)).isEqualTo(Nanos.ZERO));
    assertThat(house.posted(guest)).isEqualTo(posted);
  }

  private static JsonNode data(String event) {
    return Json.MAPPER.readTree(event.substring("data: ".length()));
  }
}
