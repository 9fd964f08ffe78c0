package faregate.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import faregate.gateway.Client.Answer;
import faregate.gateway.RunningHouse.Guest;
import faregate.id.CallId;
import faregate.ledger.AdjustOutcome;
import faregate.ledger.Ending;
import faregate.ledger.Ledger;
import faregate.ledger.Reply;
import faregate.money.Nanos;
import faregate.reconcile.LateBills;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a provider says later, through the door: real calls at a real sandbox whose billing
/// endpoint is asked over real sockets.
class LateBillsTest {
  private static final AtomicInteger NAMES = new AtomicInteger();
  @TempDir private static Path folder;
  private static RunningHouse house;
  private static LateBills bills;
  private Guest guest;
  private Client client;

  @BeforeAll
  static void open() throws Exception {
    house =
        new RunningHouse(
            folder.resolve("late.db"), new CallSettings(8, 2, 1_000, 2, 2, 1, 2, 1 << 20));
    bills = house.lateBills();
  }

  @AfterAll
  static void close() throws Exception {
    assertThat(house.ledger().audit().wrong()).isNull();
    house.close();
  }

  /// Takes in whatever an earlier test left, so that a round counts what this one brings.
  @BeforeEach
  void meet() {
    bills.round();
    guest = house.guest("late" + NAMES.incrementAndGet());
    client = new Client(house.port(), guest.token(), "test/m0:one");
  }

  private Answer call(String faults) throws Exception {
    Answer answer = client.post(client.chat("\"max_tokens\":40", "\"sandbox\":{" + faults + "}"));
    assertThat(answer.status()).isEqualTo(200);
    return answer;
  }

  private Nanos charge(Answer answer) {
    return house.ending(answer.id()).charge();
  }

  // ---- adjusting ----

  @Test
  void aLowerBillGivesBack() throws Exception {
    Answer answer = call("\"bill_nano_usd\":1234");
    assertThat(charge(answer)).isNotEqualTo(Nanos.of(1234));
    assertThat(bills.round()).isOne();
    assertThat(charge(answer)).isEqualTo(Nanos.of(1234)).isEqualTo(house.posted(guest));
  }

  @Test
  void aHigherBillIsPaidUpToTheHoldAndTheRestIsTheOperators() throws Exception {
    Answer answer = call("\"bill_nano_usd\":5000000");
    long held = Long.parseLong(answer.header("x-faregate-held-nano-usd"));
    assertThat(bills.round()).isOne();
    assertThat(charge(answer)).isEqualTo(Nanos.of(held));
    assertThat(house.incident(answer.id(), "loss")).isEqualTo(5_000_000 - held);
  }

  @Test
  void aBillThatIsTheChargeChangesNothing() throws Exception {
    Answer answer = call("\"tokens\":9");
    Nanos charge = charge(answer);
    assertThat(bills.round()).isOne();
    assertThat(charge(answer)).isEqualTo(charge);
    assertThat(house.adjustments(answer.id())).isZero();
  }

  @Test
  void anEstimateIsNoneAnyMore() throws Exception {
    Answer answer = call("\"tokens\":9,\"omit_usage\":true");
    assertThat(house.ending(answer.id()).estimated()).isTrue();
    bills.round();
    assertThat(house.ending(answer.id()))
        .isEqualTo(
            new Ending(Nanos.of(house.bill(answer.id()).costNanoUsd()), false, Ending.POSTED));
  }

  /// What the client was sent is charged when it leaves; the provider went on for a while, and its
  /// bill says how far.
  @Test
  void anAbortedStreamIsCorrectedByItsBill() throws Exception {
    CallId left =
        client.leaveAfter(
            client.chat(
                "\"stream\":true",
                "\"max_tokens\":60",
                "\"sandbox\":{\"tokens\":60,\"chunk_ms\":15,\"bill_on_cancel\":true}"),
            3,
            new ArrayList<>());
    Nanos bill = Nanos.of(house.bill(left).costNanoUsd());
    assertThat(house.ending(left).estimated()).isTrue();
    assertThat(house.ending(left).charge()).isGreaterThan(Nanos.ZERO).isLessThan(bill);
    assertThat(bills.round()).isOne();
    assertThat(house.ending(left)).isEqualTo(new Ending(bill, false, Ending.POSTED));
    assertThat(house.posted(guest)).isEqualTo(bill);
  }

  @Test
  void aBillIsTakenOnce() throws Exception {
    Answer answer = call("\"bill_nano_usd\":1234");
    assertThat(bills.round()).isOne();
    house.bill(answer.id()).revise(777);
    assertThat(bills.round()).isZero();
    assertThat(charge(answer)).isEqualTo(Nanos.of(1234));
    assertThat(house.adjustments(answer.id())).isOne();
  }

  @Test
  void anOlderRevisionChangesNothing() throws Exception {
    Answer answer = call("\"bill_nano_usd\":1234");
    house.ending(answer.id());
    CompletableFuture<AdjustOutcome> newer = new CompletableFuture<>();
    house
        .ledger()
        .adjust(
            new Ledger.CallRef(answer.id(), guest.wallet()),
            house.ledger().nowMicros() + 3_600_000_000L,
            Nanos.of(4321),
            new byte[0],
            Reply.future(newer));
    assertThat(newer.join()).isInstanceOf(AdjustOutcome.Adjusted.class);
    bills.round();
    assertThat(charge(answer)).isEqualTo(Nanos.of(4321));
  }

  @Test
  void aLateBillIsWaitedFor() throws Exception {
    Answer answer = call("\"bill_nano_usd\":1234,\"bill_after_ms\":700");
    assertThat(bills.round()).isZero();
    await().until(() -> bills.round() == 1);
    assertThat(charge(answer)).isEqualTo(Nanos.of(1234));
  }

  @ParameterizedTest
  @ValueSource(strings = {"-5", "\"12\"", "{}", "1e40"})
  void whatIsNoAmountIsAskedForAgain(String raw) throws Exception {
    Answer answer = call("\"bill_raw\":" + raw);
    Nanos charge = charge(answer);
    assertThat(bills.round()).isZero();
    assertThat(charge(answer)).isEqualTo(charge);
    await().until(() -> house.asked(answer.id()) >= 2 || bills.round() > 0);
    assertThat(charge(answer)).isEqualTo(charge);
  }

  @Test
  void aFractionIsRoundedUp() throws Exception {
    Answer answer = call("\"bill_raw\":99.25");
    assertThat(bills.round()).isOne();
    assertThat(charge(answer)).isEqualTo(Nanos.of(100));
  }

  @Test
  void aCallThatWasVoidedIsChargedNothing() throws Exception {
    Answer answer =
        client.post(client.chat("\"sandbox\":{\"zero_output\":true,\"bill_nano_usd\":5000}"));
    assertThat(house.ending(answer.id()).reason()).isNotEqualTo(Ending.POSTED);
    bills.round();
    assertThat(house.posted(guest)).isEqualTo(Nanos.ZERO);
  }
}
