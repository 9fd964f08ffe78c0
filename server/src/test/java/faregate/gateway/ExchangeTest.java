package faregate.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import faregate.gateway.Client.Answer;
import faregate.gateway.RunningHouse.Guest;
import faregate.id.CallId;
import faregate.id.WalletId;
import faregate.kit.Json;
import faregate.ledger.Ending;
import faregate.ledger.LedgerReads;
import faregate.money.Nanos;
import faregate.sandbox.BillEntry;
import faregate.tariff.Quantities;
import faregate.usage.Facts;
import faregate.usage.FactsCodec;
import faregate.usage.Stamp;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// Every row of the table of endings, provoked at real sandboxes over real sockets, and each
/// checked against the sandbox's own bill.
class ExchangeTest {
  private static final CallSettings QUICK = new CallSettings(8, 2, 1_000, 2, 2, 1, 2, 1 << 20);
  private static final long PROMPT = 11 * 1_000;
  private static final long TOKEN = 10_000;

  /// The first event of a stream: who speaks, and nothing said yet.
  private static final int AN_OPENING = 1;

  private static final AtomicInteger NAMES = new AtomicInteger();
  @TempDir private static Path folder;
  private static RunningHouse house;
  private Guest guest = new Guest("", new WalletId(1));
  private Client client = new Client(1, "", "");
  private String model = "";

  @BeforeAll
  static void open() throws Exception {
    house = new RunningHouse(folder.resolve("exchange.db"), QUICK);
  }

  @AfterAll
  static void close() throws Exception {
    LedgerReads.AuditReport audit = house.ledger().audit();
    assertThat(audit.wrong()).isNull();
    house.close();
  }

  @BeforeEach
  void meet() {
    int number = NAMES.incrementAndGet();
    guest = house.guest("guest" + number);
    model = "test/m" + number;
    client = new Client(house.port(), guest.token(), model + ":cheapest");
  }

  /// Whatever a test did, it left no hold open.
  @AfterEach
  void nothingIsHeld() {
    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(() -> assertThat(house.pending(guest)).isEqualTo(Nanos.ZERO));
  }

  private static String fault(String fields) {
    return "\"sandbox\":{" + fields + "}";
  }

  // ---- completed ----

  @Test
  void aWholeAnswerCostsWhatTheProviderBills() throws Exception {
    Answer answer = client.post(client.chat("\"max_tokens\":40"));
    assertThat(answer.status()).isEqualTo(200);
    long cost = answer.json().at("/usage/cost_nano_usd").longValue();
    assertThat(cost).isPositive().isEqualTo(house.bill(answer.id()).costNanoUsd());
    assertThat(house.posted(guest)).isEqualTo(Nanos.of(cost));
    assertThat(answer.json().at("/usage/cost").decimalValue().movePointRight(9).longValueExact())
        .isEqualTo(cost);
    assertThat(answer.header("x-faregate-cost-nano-usd")).isEqualTo(Long.toString(cost));
    assertThat(answer.header("x-inference-provider")).isEqualTo("one");
    assertThat(answer.header("x-faregate-output-limit")).isEqualTo("40");
    assertThat(Long.parseLong(answer.header("x-faregate-held-nano-usd")))
        .isGreaterThanOrEqualTo(cost);
  }

  @Test
  void aStreamTellsItsCostInTheUsageChunkBeforeDone() throws Exception {
    Answer answer =
        client.post(client.chat("\"stream\":true", "\"stream_options\":{\"include_usage\":true}"));
    List<String> events = answer.events();
    assertThat(events.getLast()).isEqualTo("data: [DONE]");
    JsonNode usage = data(events.get(events.size() - 2)).path("usage");
    assertThat(usage.path("cost_nano_usd").longValue())
        .isEqualTo(house.bill(answer.id()).costNanoUsd());
    assertThat(house.posted(guest).value()).isEqualTo(house.bill(answer.id()).costNanoUsd());
  }

  @Test
  void aStreamWhoseClientAskedForNoUsageCarriesAComment() throws Exception {
    Answer answer = client.post(client.chat("\"stream\":true"));
    List<String> events = answer.events();
    assertThat(events.getLast()).isEqualTo("data: [DONE]");
    assertThat(events.get(events.size() - 2))
        .isEqualTo(": cost_nano_usd=" + house.bill(answer.id()).costNanoUsd());
    assertThat(events.subList(0, events.size() - 2))
        .allSatisfy(event -> assertThat(data(event).path("choices").size()).isEqualTo(1));
  }

  @ParameterizedTest
  @ValueSource(strings = {"true", "false"})
  void whatIsNotReportedIsCountedAndMarked(boolean stream) throws Exception {
    Answer answer = client.post(client.chat("\"stream\":" + stream, fault("\"omit_usage\":true")));
    assertThat(answer.status()).isEqualTo(200);
    Ending ending = house.ending(answer.id());
    assertThat(ending.estimated()).isTrue();
    assertThat(ending.charge().value())
        .isPositive()
        .isLessThanOrEqualTo(house.bill(answer.id()).costNanoUsd());
    if (!stream) {
      assertThat(answer.json().at("/usage/estimated").booleanValue()).isTrue();
      assertThat(answer.json().at("/usage/cost_nano_usd").longValue())
          .isEqualTo(ending.charge().value());
    }
    assertBetween(answer.id());
  }

  /// Tools, calls of them and a schema are part of the prompt, for the provider as for us; what is
  /// counted may all the same be billed up to the hold.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"tools\": [ {\"type\":\"function\", \"function\":{\"name\":\"a\",\"description\":\"%s\"}}"
            + " ]",
        "\"functions\":[{\"name\":\"a\",\"description\":\"%s\"}]",
        "\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"%s\"}}",
      })
  void whatIsSentBesideMessagesIsCountedToo(String field) throws Exception {
    String words = "weather and tides ".repeat(100).strip();
    Answer answer = client.post(client.chat(field.formatted(words), fault("\"omit_usage\":true")));
    assertThat(answer.status()).as(answer.raw().body()).isEqualTo(200);
    assertThat(house.bill(answer.id()).billedPromptTokens()).isGreaterThan(300);
    Quantities counted = FactsCodec.decode(house.ended(answer.id()).facts()).quantities();
    assertThat(counted.promptTokens()).isEqualTo(house.bill(answer.id()).billedPromptTokens());
    assertThat(house.incident(answer.id(), "exposure"))
        .isEqualTo(
            Long.parseLong(answer.header("x-faregate-held-nano-usd"))
                - house.ending(answer.id()).charge().value());
    assertBetween(answer.id());
  }

  @ParameterizedTest
  @ValueSource(strings = {"usage_in_last_chunk", "usage_every_chunk", "no_done"})
  void otherWaysToReportUsageCostTheSame(String way) throws Exception {
    Answer answer =
        client.post(
            client.chat(
                "\"stream\":true",
                "\"stream_options\":{\"include_usage\":true}",
                fault("\"" + way + "\":true")));
    assertThat(answer.events().getLast()).isEqualTo("data: [DONE]");
    assertThat(house.posted(guest).value())
        .isPositive()
        .isEqualTo(house.bill(answer.id()).costNanoUsd());
    assertThat(answer.raw().body()).contains("\"cost_nano_usd\":" + house.posted(guest).value());
    assertThat(house.ending(answer.id()).estimated()).isFalse();
  }

  @Test
  void aProviderThatOverrunsItsLimitIsTheOperatorsLoss() throws Exception {
    Answer answer =
        client.post(client.chat("\"max_tokens\":10", fault("\"overrun\":true,\"tokens\":400")));
    long held = Long.parseLong(answer.header("x-faregate-held-nano-usd"));
    long bill = house.bill(answer.id()).costNanoUsd();
    assertThat(bill).isGreaterThan(held);
    assertThat(house.posted(guest).value()).isEqualTo(held);
    assertThat(house.incident(answer.id(), "loss")).isEqualTo(bill - held);
  }

  // ---- prices that change ----

  @Test
  void aCallIsChargedAtThePriceItWasHeldAtWhateverIsReadMeanwhile() throws Exception {
    int slow = 30;
    String body = client.chat("\"stream\":true", fault("\"tokens\":" + slow + ",\"chunk_ms\":30"));
    CompletableFuture<Answer> call = client.postLater(body);
    await().until(() -> house.pending(guest).value() > 0);
    house.reprice(model.substring("test/".length()), 20);
    Answer begun = call.get();
    Answer next = client.post(body);
    long charge = house.ending(begun.id()).charge().value();
    assertThat(charge).isEqualTo(house.bill(begun.id()).costNanoUsd());
    assertThat(house.ending(next.id()).charge()).isEqualTo(Nanos.of(charge + slow * 10_000L));
    assertThat(version(begun.id())).endsWith("/10000000");
    assertThat(version(next.id())).endsWith("/20000000");
  }

  /// The version of the prices, as it was stamped on the hold and as the facts tell it.
  private static String version(CallId id) {
    LedgerReads.Call ended = house.ended(id);
    Stamp stamp = Stamp.parse(ended.ref());
    Facts facts = FactsCodec.decode(ended.facts());
    assertThat(stamp.provider()).isEqualTo(facts.offer().provider()).isNotEmpty();
    assertThat(stamp.model()).isEqualTo(facts.model());
    assertThat(stamp.tariffVersion()).isEqualTo(facts.tariffVersion());
    return facts.tariffVersion();
  }

  // ---- nothing delivered ----

  @ParameterizedTest
  @CsvSource({
    "'\"status\":500', 0",
    "'\"status\":503', 0",
    "'\"status\":408', 0",
    "'\"status\":429,\"retry_after\":1', 0",
    "'\"status\":401', 0",
    "'\"status\":402', 0",
    "'\"reset\":true', 1",
    "'\"hang\":true', 1",
    "'\"garbage\":0', 1",
    "'\"cut_after\":0', 1",
  })
  void theNextProviderServesWhenTheFirstDoesNot(String fault, int ambiguous) throws Exception {
    String once = fault(fault + ",\"times\":1,\"key\":\"" + model + "\"");
    // Each sandbox counts for itself: the last one uses its failure up beforehand.
    Client other = client.of("test/m" + NAMES.incrementAndGet() + ":three");
    other.post(other.chat(once));
    Answer answer = client.post(client.chat("\"stream\":true", once, "\"max_tokens\":40"));
    assertThat(answer.status()).as(answer.raw().body()).isEqualTo(200);
    assertThat(answer.header("x-inference-provider")).isEqualTo("three");
    assertThat(answer.events().getLast()).isEqualTo("data: [DONE]");
    assertThat(house.posted(guest).value()).isPositive();
    assertThat(house.incident(answer.id(), "exposure") > 0).isEqualTo(ambiguous == 1);
  }

  @Test
  void whenNobodyServesTheCallIsVoid() throws Exception {
    Answer answer = client.post(client.chat(fault("\"status\":500")));
    assertThat(answer.status()).isEqualTo(502);
    assertThat(answer.error().path("code").asString()).isEqualTo("provider_error");
    assertThat(answer.header("x-error-message")).isNotEmpty();
    assertThat(house.posted(guest)).isEqualTo(Nanos.ZERO);
    assertThat(house.ending(answer.id()).reason()).isEqualTo("no_answer");
  }

  @Test
  void aBusyProviderIsNamedWithTheTimeToWait() throws Exception {
    Answer answer = client.post(client.chat(fault("\"status\":429,\"retry_after\":7")));
    assertThat(answer.status()).isEqualTo(429);
    assertThat(answer.header("retry-after")).isEqualTo("7");
    assertThat(answer.error().path("provider").asString()).isEqualTo("two");
  }

  @Test
  void theClientsOwnMistakeIsPassedOnAtOnce() throws Exception {
    Answer answer = client.post(client.chat(fault("\"status\":422")));
    assertThat(answer.status()).isEqualTo(422);
    assertThat(house.posted(guest)).isEqualTo(Nanos.ZERO);
  }

  @Test
  void anErrorFinishWithoutOutputCostsNothing() throws Exception {
    Answer answer = client.post(client.chat("\"stream\":true", fault("\"zero_output\":true")));
    assertThat(house.posted(guest)).isEqualTo(Nanos.ZERO);
    assertThat(house.ending(answer.id()).charge()).isEqualTo(Nanos.ZERO);
  }

  // ---- broken in the middle ----

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"cut_after\":3",
        "\"error_event\":5",
        "\"stall_after\":3",
        "\"usage_every_chunk\":true,\"cut_after\":4",
      })
  void aProviderThatDiesInMidStreamIsPaidForWhatWasDelivered(String fault) throws Exception {
    Answer answer = client.post(client.chat("\"stream\":true", fault(fault)));
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.raw().body()).doesNotContain("[DONE]");
    JsonNode last = data(answer.events().getLast());
    assertThat(last.at("/error/code").asString()).isEqualTo("provider_broke_off");
    Ending ending = house.ending(answer.id());
    assertThat(ending.estimated()).isTrue();
    assertThat(last.at("/error/cost_nano_usd").longValue())
        .isPositive()
        .isEqualTo(ending.charge().value());
    assertBetween(answer.id());
  }

  /// A chunk that tells usage as well is kept back for what may follow; it is charged, so it is
  /// delivered too.
  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void whatWasKeptBackWhenAProviderDiesIsDelivered(int after) throws Exception {
    String fault = fault("\"usage_every_chunk\":true,\"cut_after\":" + after);
    Answer answer = client.post(client.chat("\"stream\":true", fault));
    long texts = 0;
    for (String event : answer.events()) {
      texts += data(event).at("/choices/0/delta/content").asString("").isEmpty() ? 0 : 1;
    }
    assertThat(texts).isEqualTo(after);
    assertThat(house.ending(answer.id()).charge().value()).isPositive();
  }

  @Test
  void aCallThatTakesTooLongIsEnded() throws Exception {
    Answer answer =
        client.post(client.chat("\"stream\":true", fault("\"tokens\":1000,\"chunk_ms\":50")));
    assertThat(data(answer.events().getLast()).at("/error/code").asString())
        .isEqualTo("deadline_exceeded");
    assertThat(house.posted(guest).value()).isPositive();
  }

  // ---- the client leaves ----

  /// Leave at every chunk; what the provider bills above the charge is bounded by what was
  /// recorded.
  @Test
  void leavingStopsTheProviderAndPaysForWhatWasDelivered() throws Exception {
    house.grant(guest, "1");
    for (int events = 1; events <= 20; events++) {
      List<String> read = new ArrayList<>();
      String body = client.chat("\"stream\":true", fault("\"tokens\":400,\"chunk_ms\":5"));
      CallId id = client.leaveAfter(body, events, read);
      assertThat(house.ending(id).charge().value()).as("after %d", events).isPositive();
      assertThat(house.bill(id).billedCompletionTokens()).as("stopped at once").isLessThan(200);
      assertBetween(id);
    }
  }

  /// Such as it is with a provider that is said to stop billing, and does not: the client pays for
  /// what it was sent, and all else that is billed is on record as the operator's.
  @Test
  void leavingAProviderThatBillsOnIsPaidAsDeliveredAndTheRestIsExposed() throws Exception {
    int whole = 12;
    String body =
        client.chat(
            "\"stream\":true",
            "\"max_tokens\":" + whole,
            fault("\"tokens\":" + whole + ",\"chunk_ms\":15,\"bill_on_cancel\":true"));
    for (int read = 0; read < whole; read++) {
      CallId id = client.leaveAfter(body, read + AN_OPENING, new ArrayList<>());
      BillEntry bill = house.bill(id);
      assertThat(bill.state()).as("left after %d", read).isEqualTo(BillEntry.State.CANCELLED);
      assertThat(bill.costNanoUsd()).isEqualTo(PROMPT + whole * TOKEN);
      long charge = house.ending(id).charge().value();
      assertThat(charge)
          .as("left after %d", read)
          .isBetween(PROMPT + read * TOKEN, PROMPT + bill.generatedTokens() * TOKEN);
      Quantities delivered = FactsCodec.decode(house.ended(id).facts()).quantities();
      assertThat(charge).isEqualTo(PROMPT + delivered.answerTokens() * TOKEN);
      assertThat(house.ending(id).estimated()).isTrue();
      assertBetween(id);
    }
  }

  /// A chunk that tells usage as well waits for what may follow, so it was not sent yet.
  @Test
  void leavingIsNotPaidForWhatWasKeptBack() throws Exception {
    String body =
        client.chat(
            "\"stream\":true", fault("\"tokens\":20,\"chunk_ms\":1000,\"usage_every_chunk\":true"));
    CallId id = client.leaveAfter(body, 1 + AN_OPENING, new ArrayList<>());
    assertThat(house.ending(id).charge().value()).isEqualTo(PROMPT + TOKEN);
    assertBetween(id);
  }

  @Test
  void aProviderThatBillsAnywayIsHeardToTheEnd() throws Exception {
    int whole = 12;
    client = client.of(model + ":three");
    String body = client.chat("\"stream\":true", fault("\"tokens\":" + whole + ",\"chunk_ms\":5"));
    for (int read = 0; read <= whole; read++) {
      CallId id = client.leaveAfter(body, read + AN_OPENING, new ArrayList<>());
      assertThat(house.ending(id).estimated()).as("left after %d", read).isFalse();
      assertThat(house.bill(id).billedCompletionTokens()).isEqualTo(whole);
      assertThat(house.ending(id).charge().value()).isEqualTo(PROMPT + whole * TOKEN);
      assertThat(house.incident(id, "exposure")).isZero();
    }
  }

  /// It bills the whole answer and tells nobody: the client pays for what it was sent.
  @Test
  void aProviderThatBillsAnywayAndTellsNoUsageIsOnRecord() throws Exception {
    int whole = 60;
    client = client.of(model + ":three");
    String body =
        client.chat(
            "\"stream\":true",
            "\"max_tokens\":100",
            fault("\"omit_usage\":true,\"chunk_ms\":5,\"tokens\":" + whole));
    CallId id = client.leaveAfter(body, 5, new ArrayList<>());
    assertThat(house.bill(id).costNanoUsd()).isEqualTo(PROMPT + whole * TOKEN);
    assertThat(house.ending(id).charge().value()).isBetween(PROMPT, PROMPT + whole * TOKEN - 1);
    assertThat(house.ending(id).estimated()).isTrue();
    assertBetween(id);
  }

  @Test
  void aProviderThatBillsAnywayIsHeardAlsoWhenTheClientLeftBeforeItsAnswer() throws Exception {
    Client patient = client.of(model + ":three");
    long before = house.callsSeen();
    CompletableFuture<Answer> waiting =
        patient.postLater(
            patient.chat("\"stream\":true", fault("\"delay_ms\":1000,\"tokens\":20")));
    await().until(() -> house.callsSeen() > before);
    waiting.cancel(true);
    await().until(() -> house.pending(guest).value() == 0);
    assertThat(house.posted(guest)).isEqualTo(Nanos.of(PROMPT + 20 * TOKEN));
  }

  @Test
  void leavingBeforeTheFirstByteCostsNothing() throws Exception {
    CompletableFuture<Answer> waiting =
        client.postLater(client.chat("\"stream\":true", fault("\"delay_ms\":1500")));
    await().until(() -> house.pending(guest).value() > 0);
    waiting.cancel(true);
    await().until(() -> house.pending(guest).value() == 0);
    assertThat(house.posted(guest)).isEqualTo(Nanos.ZERO);
  }

  // ---- money that is not there ----

  @Test
  void whatTheWalletCannotPayIsRefusedWithBothFiguresAndNeverSent() throws Exception {
    long before = house.callsSeen();
    Answer answer = client.post(client.chat("\"max_tokens\":16384"));
    assertThat(answer.status()).isEqualTo(402);
    assertThat(answer.error().path("code").asString()).isEqualTo("insufficient_credit");
    assertThat(answer.error().path("message").asString())
        .contains("You have exceeded your monthly included credits for Inference Providers.")
        .contains("Left: $0.1;")
        .contains("needed: $0.16");
    assertThat(answer.error().path("left_nano_usd").longValue()).isEqualTo(100_000_000);
    assertThat(answer.error().path("resets_at").asString()).matches("\\d{4}-\\d\\d-01T00:00:00Z");
    assertThat(house.callsSeen()).isEqualTo(before);
  }

  @Test
  void fiftyCheapCallsAtOnceAllPassOnADime() throws Exception {
    List<CompletableFuture<Answer>> calls = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      calls.add(client.postLater(client.chat(fault("\"tokens\":20,\"delay_ms\":20"))));
    }
    for (CompletableFuture<Answer> call : calls) {
      assertThat(call.get().status()).as(call.get().raw().body()).isEqualTo(200);
    }
    assertThat(house.posted(guest).value()).isPositive().isLessThan(100_000_000);
  }

  @Test
  void aThousandAtOnceOnCreditForOneDispatchOne() throws Exception {
    long before = house.callsSeen();
    String body = client.chat("\"max_tokens\":9900", fault("\"tokens\":9900,\"delay_ms\":4000"));
    List<CompletableFuture<Answer>> calls = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      calls.add(client.postLater(body));
    }
    int served = 0;
    for (CompletableFuture<Answer> call : calls) {
      int status = call.get().status();
      served += status == 200 ? 1 : 0;
      assertThat(status).isIn(200, 402, 429);
    }
    assertThat(served).isEqualTo(1);
    assertThat(house.callsSeen() - before).isEqualTo(1);
  }

  // ---- the ledger stands still ----

  @Test
  void aSlowCommitKeepsTheEndOfAStreamBackAndThenSaysSo() throws Exception {
    CompletableFuture<Answer> call =
        client.postLater(client.chat("\"stream\":true", fault("\"tokens\":30,\"chunk_ms\":20")));
    await().until(() -> house.pending(guest).value() > 0);
    Answer answer;
    try (AutoCloseable _ = house.blockTheDatabase()) {
      answer = call.get();
    }
    assertThat(answer.raw().body()).doesNotContain("[DONE]").contains("settlement_pending");
    assertThat(house.ending(answer.id()).charge().value())
        .isEqualTo(house.bill(answer.id()).costNanoUsd());
  }

  @Test
  void aSlowCommitOfAWholeAnswerIsAnErrorThatForbidsARetry() throws Exception {
    CompletableFuture<Answer> call = client.postLater(client.chat(fault("\"delay_ms\":500")));
    await().until(() -> house.pending(guest).value() > 0);
    Answer answer;
    try (AutoCloseable _ = house.blockTheDatabase()) {
      answer = call.get();
    }
    assertThat(answer.status()).isEqualTo(500);
    assertThat(answer.error().path("code").asString()).isEqualTo("settlement_pending");
    assertThat(answer.header("x-should-retry")).isEqualTo("false");
    assertThat(house.ending(answer.id()).charge().value()).isPositive();
  }

  // ---- who may ask ----

  @Test
  void refusesStrangersInTheContractsWords() throws Exception {
    Answer answer = new Client(house.port(), "hf_wrong", model).post(client.chat());
    assertThat(answer.status()).isEqualTo(401);
    assertThat(answer.header("x-error-message"))
        .isEqualTo("Invalid credentials in Authorization header");
    assertThat(answer.header("x-request-id")).isNotEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "{\"model\":\"no/such\",\"messages\":[{}]} | 400 | model_not_supported",
        "{\"model\":\"test/m0:nobody\",\"messages\":[{}]} | 400 | model_not_supported",
        "{\"model\":\"test/m0\",\"messages\":[{}],\"max_tokens\":-5} | 400 | invalid_request",
        "{\"model\":\"test/m0\" | 400 | invalid_request",
        "nonsense | 400 | invalid_request",
      })
  void refusesBadRequestsWithTheCulprit(String body, int status, String code) throws Exception {
    Answer answer = client.post(body);
    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.error().path("code").asString()).isEqualTo(code);
  }

  private static JsonNode data(String event) {
    assertThat(event).startsWith("data: ");
    return Json.MAPPER.readTree(event.substring(6));
  }

  /// 0 ≤ provider's bill − charge ≤ what the incident records.
  private static void assertBetween(CallId id) {
    long difference = house.bill(id).costNanoUsd() - house.ending(id).charge().value();
    assertThat(difference).isBetween(0L, house.incident(id, "exposure"));
  }
}
