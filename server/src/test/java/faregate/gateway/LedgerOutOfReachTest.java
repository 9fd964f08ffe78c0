package faregate.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import faregate.gateway.Client.Answer;
import faregate.gateway.RunningHouse.Guest;
import faregate.money.Nanos;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Money fails closed: where the ledger cannot hold, nothing is sent.
class LedgerOutOfReachTest {
  private static final CallSettings QUICK = new CallSettings(8, 1, 1_000, 2, 2, 1, 2, 1 << 20);
  @TempDir private Path folder;

  /// The client is told what stands in its way, though perhaps it had been served before.
  @Test
  void aCallIsRefusedAsItIsWhereItsKeyCannotBeLookedUp() throws Exception {
    Path file = folder.resolve("unreadable.db");
    try (RunningHouse house = new RunningHouse(file, QUICK)) {
      Client client = new Client(house.port(), house.guest("known").token(), "no/such");
      try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
          Statement statement = connection.createStatement()) {
        statement.execute("ALTER TABLE repeat RENAME TO elsewhere");
      }
      Answer answer = client.post(client.chat(), "Idempotency-Key", "order-1");
      assertThat(answer.status()).isEqualTo(400);
      assertThat(answer.error().path("code").asString()).isEqualTo("model_not_supported");
    }
  }

  @Test
  void nothingIsSentWhenTheLedgerIsGone() throws Exception {
    try (RunningHouse house = new RunningHouse(folder.resolve("gone.db"), QUICK)) {
      Guest known = house.guest("known");
      Guest stranger = house.guest("stranger");
      Client client = new Client(house.port(), known.token(), "test/m0");
      assertThat(client.post(client.chat()).status()).isEqualTo(200);
      long seen = house.callsSeen();
      Nanos posted = house.posted(known);

      house.ledger().close();
      for (Guest guest : new Guest[] {known, stranger}) {
        Client caller = new Client(house.port(), guest.token(), "test/m0");
        for (String stream : new String[] {"\"stream\":true", "\"stream\":false"}) {
          Answer answer = caller.post(caller.chat(stream));
          assertThat(answer.status()).as(answer.raw().body()).isEqualTo(500);
          assertThat(answer.error().path("code").asString()).isEqualTo("ledger_unavailable");
          assertThat(answer.header("retry-after")).isEqualTo("1");
        }
      }
      assertThat(house.callsSeen()).isEqualTo(seen);
      assertThat(house.posted(known)).isEqualTo(posted);
    }
  }

  /// The first call of a payer's month needs a grant before there is anything to hold.
  @Test
  void aCallDoesNotWaitForEverForItsPayersCredit() throws Exception {
    Path file = folder.resolve("locked.db");
    try (RunningHouse house = new RunningHouse(file, QUICK)) {
      Client client = new Client(house.port(), house.guest("stranger").token(), "test/m0");
      try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
          Statement statement = connection.createStatement()) {
        statement.execute("BEGIN IMMEDIATE");
        long began = System.nanoTime();
        Answer answer = client.post(client.chat());
        assertThat(answer.status()).as(answer.raw().body()).isEqualTo(500);
        assertThat(answer.error().path("code").asString()).isEqualTo("ledger_unavailable");
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(4));
        statement.execute("ROLLBACK");
      }
      await().until(() -> client.post(client.chat()).status() == 200);
      await().until(() -> house.ledger().holdsOpen() == 0);
    }
  }
}
