package faregate.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import faregate.gateway.Client.Answer;
import faregate.gateway.RunningHouse.Guest;
import faregate.ledger.LedgerSettings;
import faregate.money.Nanos;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// More calls than may wait for the ledger, through the door: they are turned away at once, and
/// nothing is sent for them. Money 8.
class OverloadTest {
  private static final CallSettings QUICK = new CallSettings(30, 5, 1_000, 20, 20, 1, 20, 1 << 20);
  private static final int QUEUE_MAX = 5;
  private static final int LINE_MAX = 2;
  @TempDir private static Path folder;
  private static RunningHouse house;

  @BeforeAll
  static void open() throws Exception {
    LedgerSettings bounds =
        new LedgerSettings(512, QUEUE_MAX, LINE_MAX, 1_000, 1_000, 30_000, 1L << 20);
    house = RunningHouse.bounded(folder.resolve("busy.db"), QUICK, bounds);
  }

  @AfterAll
  static void close() throws Exception {
    assertThat(house.ledger().audit().wrong()).isNull();
    assertThat(house.ledger().audit().holds()).isZero();
    house.close();
  }

  private static void assertOverloaded(Answer answer) {
    assertThat(answer.status()).as(answer.raw().body()).isEqualTo(429);
    assertThat(answer.error().path("code").stringValue()).isEqualTo("overloaded");
    assertThat(answer.error().path("message").stringValue()).contains("too many requests");
    assertThat(answer.header("X-Error-Message")).contains("too many requests");
    assertThat(Integer.parseInt(answer.header("Retry-After"))).isBetween(1, 2);
    assertThat(answer.header("x-request-id")).isNotEmpty();
  }

  @Test
  void whereTheLedgersQueueIsFull() throws Exception {
    Guest guest = house.guest("alice");
    Client client = new Client(house.port(), guest.token(), "test/m0:one");
    String body = client.chat("\"max_tokens\":5");
    assertThat(client.post(body).status()).isEqualTo(200);
    Nanos one = house.posted(guest);
    long seen = house.callsSeen();
    int calls = 40;
    List<CompletableFuture<Answer>> answers = new ArrayList<>();
    try (AutoCloseable _ = house.blockTheDatabase()) {
      for (int call = 0; call < calls; call++) {
        answers.add(client.postLater(body));
      }
      await().until(() -> answers.stream().filter(CompletableFuture::isDone).count() > 0);
    }
    long served = 0;
    for (CompletableFuture<Answer> answer : answers) {
      if (answer.join().status() == 200) {
        served++;
      } else {
        assertOverloaded(answer.join());
      }
    }
    assertThat(served).isBetween((long) QUEUE_MAX, calls - 1L);
    assertThat(house.callsSeen() - seen).isEqualTo(served);
    assertThat(house.posted(guest).value()).isEqualTo(one.value() * (served + 1));
    assertThat(client.post(body).status()).as("afterwards").isEqualTo(200);
  }

  @Test
  void whereTheLineForCreditIsFull() throws Exception {
    Guest guest = house.guest("bob");
    Client client = new Client(house.port(), guest.token(), "test/m1:one");
    String all = "\"max_tokens\":9900";
    CompletableFuture<Answer> running =
        client.postLater(client.chat(all, "\"sandbox\":{\"delay_ms\":1200,\"tokens\":5}"));
    await().until(() -> house.pending(guest).value() > 0);
    List<CompletableFuture<Answer>> others = new ArrayList<>();
    for (int call = 0; call < LINE_MAX + 3; call++) {
      others.add(client.postLater(client.chat(all, "\"sandbox\":{\"tokens\":5}")));
    }
    await().until(() -> others.stream().filter(CompletableFuture::isDone).count() == 3);
    assertThat(running).as("the others wait for it").isNotDone();
    for (CompletableFuture<Answer> other : others) {
      if (other.isDone()) {
        assertOverloaded(other.join());
      }
    }
    assertThat(running.join().status()).isEqualTo(200);
    assertThat(others.stream().filter(other -> other.join().status() == 200)).hasSize(LINE_MAX);
    assertThat(house.pending(guest)).isEqualTo(Nanos.ZERO);
  }
}
