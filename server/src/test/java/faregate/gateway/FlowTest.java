package faregate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import faregate.gateway.Client.Answer;
import faregate.gateway.RunningHouse.Guest;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// How a stream flows when its provider is slow. Some 5 s, for slowness takes time.
class FlowTest {
  private static final CallSettings QUICK = new CallSettings(30, 2, 1_000, 2, 2, 1, 2, 1 << 20);
  @TempDir private static Path folder;
  private static RunningHouse house;
  private static Guest guest;

  @BeforeAll
  static void open() throws Exception {
    house = new RunningHouse(folder.resolve("flow.db"), QUICK);
    guest = house.guest("guest");
    house.grant(guest, "5");
  }

  @AfterAll
  static void close() throws Exception {
    assertThat(house.ledger().audit().wrong()).isNull();
    assertThat(house.ledger().holdsOpen()).isZero();
    house.close();
  }

  @ParameterizedTest
  @CsvSource({"m0, 1600, 0", "m1, 0, 1600"})
  void aSilenceIsFilledWithComments(String model, int firstTokenMillis, int chunkMillis)
      throws Exception {
    Client client = new Client(house.port(), guest.token(), "test/" + model + ":one");
    Answer answer =
        client.post(
            client.chat(
                "\"stream\":true",
                "\"sandbox\":{\"tokens\":2,\"first_token_ms\":%d,\"chunk_ms\":%d}"
                    .formatted(firstTokenMillis, chunkMillis)));
    List<String> events = answer.events();
    assertThat(events).contains(": keep-alive");
    assertThat(events.getLast()).isEqualTo("data: [DONE]");
    assertThat(events.stream().filter(event -> event.contains("\"delta\":{\"content\":")))
        .hasSize(2);
    assertThat(house.posted(guest).value()).isPositive();
    assertThat(house.ending(answer.id()).charge().value())
        .isEqualTo(house.bill(answer.id()).costNanoUsd());
  }
}
