package faregate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import faregate.gateway.Client.Answer;
import faregate.gateway.RunningHouse.Guest;
import faregate.money.Nanos;
import faregate.tariff.Meter;
import faregate.tariff.Quantities;
import faregate.usage.FactsCodec;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Cached, written, thought and long: what the client is told equals what the provider bills, with
/// the provider's own arithmetic.
class MetersAtTheDoorTest {
  private static final CallSettings QUICK = new CallSettings(8, 2, 1_000, 2, 2, 1, 2, 1 << 20);
  @TempDir private static Path folder;
  private static RunningHouse house;
  private static Guest guest;

  @BeforeAll
  static void open() throws Exception {
    house = new RunningHouse(folder.resolve("meters.db"), QUICK);
    guest = house.guest("meters");
    house.grant(guest, "20");
  }

  @AfterAll
  static void close() throws Exception {
    assertThat(house.ledger().audit().wrong()).isNull();
    house.close();
  }

  private static Client client() {
    return new Client(house.port(), guest.token(), "test/metered");
  }

  /// Prices in nano-USD: input 1,000, cached 100, written 1,250, output 10,000, thought 12,000;
  /// above 2,000 tokens of prompt 2,000, 200, 2,500, 15,000 and 18,000.
  @ParameterizedTest
  @CsvSource({
    "false, 0, 0, 0, false",
    "false, 7, 0, 0, false",
    "true, 7, 0, 0, false",
    "false, 0, 8, 0, false",
    "true, 3, 4, 10, false",
    "false, 0, 0, 10, false",
    "false, 0, 0, 0, true",
    "true, 900, 700, 10, true",
    "false, 100000, 0, 0, false",
  })
  void costsWhatTheProviderBills(
      boolean stream, int cached, int written, int reasoning, boolean isLong) throws Exception {
    String text = isLong ? "word ".repeat(2_500) : "Say something";
    Answer answer =
        client()
            .post(
                "{\"model\":\"test/metered\",\"max_tokens\":40,\"stream\":"
                    + stream
                    + ",\"messages\":[{\"role\":\"user\",\"content\":\""
                    + text
                    + "\"}],\"sandbox\":{\"cached_tokens\":"
                    + cached
                    + ",\"cache_write_tokens\":"
                    + written
                    + ",\"reasoning_tokens\":"
                    + reasoning
                    + "}}");
    assertThat(answer.status()).isEqualTo(200);
    Nanos charge = house.ending(answer.id()).charge();
    assertThat(charge.value()).isEqualTo(house.bill(answer.id()).costNanoUsd());
    assertThat(house.ending(answer.id()).estimated()).isFalse();
    Quantities used = FactsCodec.decode(house.ended(answer.id()).facts()).quantities();
    long prompt = house.bill(answer.id()).billedPromptTokens();
    assertThat(used.promptTokens()).isEqualTo(prompt);
    boolean fits = cached <= prompt;
    assertThat(used.of(Meter.CACHED_INPUT_TOKEN)).isEqualTo(fits ? cached : 0);
    assertThat(used.of(Meter.CACHE_WRITE_TOKEN)).isEqualTo(written);
    assertThat(used.of(Meter.REASONING_TOKEN)).isEqualTo(reasoning);
    long factor = isLong ? 2 : 1;
    long plain = used.of(Meter.INPUT_TOKEN) * 1_000 * factor;
    long cache =
        used.of(Meter.CACHED_INPUT_TOKEN) * 100 * factor
            + used.of(Meter.CACHE_WRITE_TOKEN) * 1_250 * factor;
    long answered =
        used.of(Meter.OUTPUT_TOKEN) * (isLong ? 15_000 : 10_000)
            + used.of(Meter.REASONING_TOKEN) * (isLong ? 18_000 : 12_000);
    assertThat(charge.value()).isEqualTo(plain + cache + answered);
    assertThat(prompt > 2_000).isEqualTo(isLong);
  }

  @Test
  void refusesAnOfferWithoutAPriceForItsAnswers() throws Exception {
    Client client = new Client(house.port(), guest.token(), "test/unpriced");
    long before = house.callsSeen();
    assertThat(client.post(client.chat()).status()).isEqualTo(400);
    assertThat(house.callsSeen()).isEqualTo(before);
  }
}
