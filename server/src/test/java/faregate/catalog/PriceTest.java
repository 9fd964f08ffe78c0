package faregate.catalog;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import faregate.tariff.Meter;
import faregate.tariff.Tariff;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PriceTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "0.0, 0",
    "0.000001, 1",
    "0.0375, 37500",
    "0.15, 150000",
    "1, 1000000",
    "1e1, 10000000",
    "15.000000000, 15000000",
    "9223372036854.775807, 9223372036854775807",
  })
  void isExact(String usdPerMillion, long picoUsdPerToken) {
    assertThat(Price.parse(usdPerMillion).picoUsd()).isEqualTo(picoUsdPerToken);
  }

  @ParameterizedTest
  @CsvSource({
    "0.0000001, this is no whole number of pico-USD per token; write at most six decimal places",
    "1.0000005, this is no whole number of pico-USD per token; write at most six decimal places",
    "9223372036854.775808, this is no whole number of pico-USD per token; write at most six decimal"
        + " places",
    "1e400000000, this is no whole number of pico-USD per token; write at most six decimal places",
    "1e-400000000, this is no whole number of pico-USD per token; write at most six decimal places",
    "-1, a price cannot be negative",
    "-0.000001, a price cannot be negative",
    "$1, 'write USD per million tokens, such as 0.15'",
    "cheap, 'write USD per million tokens, such as 0.15'",
    "NaN, 'write USD per million tokens, such as 0.15'",
  })
  void refusesWhatItCannotHold(String text, String message) {
    assertThatThrownBy(() -> Price.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void aTariffNeedsTheMetersOfItsTask() {
    Price one = Price.parse("1");
    Price none = Price.parse("0");
    assertThat(Price.tariff(one, null, null, true, false)).isNull();
    assertThat(Price.tariff(one, none, null, true, false)).isNull();
    assertThat(Price.tariff(null, one, null, true, false)).isNull();
    assertThat(Price.tariff(one, one, null, true, false)).isNotNull();
    assertThat(Price.tariff(one, null, null, false, false)).isNotNull();
    assertThat(Price.tariff(null, null, null, false, false)).isNull();
  }

  @Test
  void theVersionOfATariffChangesWithItsPrices() {
    assertThat(version("0.15", "0.6", "0.075")).isEqualTo("150000/75000/600000");
    assertThat(version("0.15", "0.6", null)).isEqualTo("150000/0/600000");
    assertThat(requireNonNull(Price.tariff(null, null, null, true, true)).version())
        .isEqualTo("free");
  }

  @Test
  void cachedInputThatIsNotPricedCostsAsInput() {
    Tariff tariff =
        requireNonNull(
            Price.tariff(Price.parse("2"), Price.parse("3"), Price.parse("0"), true, false));
    assertThat(tariff.price(Meter.CACHED_INPUT_TOKEN)).isEqualTo(2_000_000);
  }

  private static String version(
      String input, String output, @org.jspecify.annotations.Nullable String cached) {
    Price cachedInput = cached == null ? null : Price.parse(cached);
    return requireNonNull(
            Price.tariff(Price.parse(input), Price.parse(output), cachedInput, true, false))
        .version();
  }
}
