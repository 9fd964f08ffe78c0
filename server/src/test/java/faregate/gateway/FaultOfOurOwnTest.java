package faregate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import faregate.gateway.Client.Answer;
import faregate.gateway.RunningHouse.Guest;
import faregate.id.CallId;
import faregate.id.OfferId;
import faregate.kit.Clock;
import faregate.kit.Json;
import faregate.ledger.Ending;
import faregate.money.Nanos;
import faregate.tariff.Quantities;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A bug of our own at a step after the hold. Whatever was delivered is posted, nothing that was
/// delivered is let go, and no hold stays open.
///
/// The bugs are thrown by what the gateway measures with and by its clock, each at one step.
class FaultOfOurOwnTest {
  private static final CallSettings QUICK = new CallSettings(8, 2, 1_000, 2, 2, 1, 2, 1 << 20);
  private static final AtomicReference<Step> FAULT = new AtomicReference<>(Step.NONE);
  private static final AtomicInteger NAMES = new AtomicInteger();
  @TempDir private static Path folder;
  private static RunningHouse house;
  private Guest guest;
  private Client client;

  private enum Step {
    NONE,
    SERVED,
    OPENED,
    FAILED,
    CHARGED,
    ANSWERED,
    CLOCK
  }

  /// Throws once, at the step that was set.
  private static void at(Step step) {
    if (FAULT.compareAndSet(step, Step.NONE)) {
      throw new IllegalStateException("a bug, put in at " + step);
    }
  }

  @BeforeAll
  static void open() throws Exception {
    house =
        new RunningHouse(
            folder.resolve("fault.db"), QUICK, it -> it, new FaultyMeters(), new FaultyClock());
  }

  @AfterAll
  static void close() throws Exception {
    assertThat(house.ledger().audit().wrong()).isNull();
    house.close();
  }

  @BeforeEach
  void meet() {
    int number = NAMES.incrementAndGet();
    guest = house.guest("guest" + number);
    client = new Client(house.port(), guest.token(), "test/m" + number + ":two");
  }

  @Test
  void betweenAStreamsEndAndItsSettlementWhatWasDeliveredIsPosted() throws Exception {
    FAULT.set(Step.CLOCK);
    assertPostedWithAnErrorEvent(client.post(client.chat("\"stream\":true")));
  }

  @Test
  void whereAProviderBrokeOffWhatWasDeliveredIsPosted() throws Exception {
    FAULT.set(Step.FAILED);
    assertPostedWithAnErrorEvent(
        client.post(client.chat("\"stream\":true", "\"sandbox\":{\"cut_after\":5}")));
  }

  private void assertPostedWithAnErrorEvent(Answer answer) throws Exception {
    assertThat(FAULT.get()).as("it was thrown").isEqualTo(Step.NONE);
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.raw().body()).doesNotContain("[DONE]");
    String last = answer.events().getLast().substring("data: ".length());
    assertThat(Json.MAPPER.readTree(last).at("/error/code").asString()).isEqualTo("internal_error");
    Ending ending = house.ending(answer.id());
    assertThat(ending.charge().value()).isPositive();
    assertThat(ending.estimated()).isTrue();
    long bill = house.bill(answer.id()).costNanoUsd();
    long exposed = house.incident(answer.id(), "exposure");
    assertThat(bill - ending.charge().value()).isBetween(0L, exposed);
  }

  @Test
  void beforeAStreamsFirstByteNothingIsChargedAndTheBillIsExposed() throws Exception {
    FAULT.set(Step.SERVED);
    assertReleased(client.post(client.chat("\"stream\":true")));
  }

  @Test
  void whenAStreamOpensNothingIsChargedAndTheBillIsExposed() throws Exception {
    FAULT.set(Step.OPENED);
    assertReleased(client.post(client.chat("\"stream\":true")));
  }

  @Test
  void beforeAWholeAnswerIsToldNothingIsChargedAndTheBillIsExposed() throws Exception {
    FAULT.set(Step.SERVED);
    assertReleased(client.post(client.chat("\"max_tokens\":40")));
  }

  private void assertReleased(Answer answer) {
    assertThat(answer.status()).isEqualTo(500);
    assertThat(answer.error().path("code").asString()).isEqualTo("internal_error");
    assertThat(house.ending(answer.id()).charge()).isEqualTo(Nanos.ZERO);
    assertThat(house.incident(answer.id(), "exposure")).isPositive();
    assertThat(house.pending(guest)).isEqualTo(Nanos.ZERO);
  }

  @Test
  void afterTheCommitTheChargeStandsAndTheClientIsAnswered() throws Exception {
    FAULT.set(Step.CHARGED);
    Answer answer = client.post(client.chat("\"max_tokens\":40"));
    assertThat(answer.status()).isEqualTo(200);
    assertThat(house.posted(guest).value()).isEqualTo(house.bill(answer.id()).costNanoUsd());

    FAULT.set(Step.ANSWERED);
    Answer failed = client.post(client.chat("\"max_tokens\":40"));
    assertThat(failed.status()).isEqualTo(500);
    CallId id = failed.id();
    assertThat(house.ending(id).charge().value()).isEqualTo(house.bill(id).costNanoUsd());
  }

  private static final class FaultyMeters implements Meters {
    @Override
    public void answered(String surface, int status, long micros) {
      at(Step.ANSWERED);
    }

    @Override
    public void charged(
        String model, OfferId offer, Quantities quantities, Nanos charge, boolean estimated) {
      at(Step.CHARGED);
    }

    @Override
    public void served(OfferId offer, long firstByteMillis) {
      at(Step.SERVED);
    }

    @Override
    public void failed(OfferId offer, String kind) {
      at(Step.FAILED);
    }

    @Override
    public void streamOpened() {
      at(Step.OPENED);
    }

    @Override
    public void streamClosed() {}
  }

  /// Fails only where the facts of a call are written: the ticker reads the clock too, and would
  /// take the fault.
  private static final class FaultyClock implements Clock {
    @Override
    public long micros() {
      return Clock.system().micros();
    }

    @Override
    public long nanoTime() {
      boolean facts =
          StackWalker.getInstance()
              .walk(frames -> frames.anyMatch(frame -> frame.getMethodName().equals("facts")));
      if (facts) {
        at(Step.CLOCK);
      }
      return Clock.system().nanoTime();
    }
  }
}
