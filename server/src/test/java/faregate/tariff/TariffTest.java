package faregate.tariff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import faregate.money.Nanos;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TariffTest {
  private static final Tariff SANDBOX = Tariff.tokens(1_000_000, 10_000_000, "v1");

  @ParameterizedTest
  @CsvSource({
    "1000, 200, 1000000, 10000000, 3000000",
    "1, 0, 37500, 1, 38",
    "0, 1, 37500, 1, 1",
    "1000000, 0, 37500, 1, 37500000"
  })
  void chargesExactlyAndRoundsUpOnce(long in, long out, long inPrice, long outPrice, long nanos) {
    Tariff tariff = Tariff.tokens(inPrice, outPrice, "v");
    assertThat(tariff.charge(Quantities.tokens(in, out))).isEqualTo(Nanos.of(nanos));
  }

  @Test
  void cachedInputFallsBackToInput() {
    Quantities cached = Quantities.of(Meter.CACHED_INPUT_TOKEN, 10);
    assertThat(SANDBOX.charge(cached)).isEqualTo(Nanos.of(10_000));
  }

  @Test
  void refusesWhatHasNoPrice() {
    Quantities image = Quantities.of(Meter.IMAGE, 1);
    assertThat(SANDBOX.covers(image)).isFalse();
    assertThatThrownBy(() -> SANDBOX.charge(image))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("IMAGE");
  }

  @Test
  void zeroIsUnpricedUnlessMarkedFree() {
    Map<Meter, Long> zeros = Map.of(Meter.INPUT_TOKEN, 0L, Meter.OUTPUT_TOKEN, 0L);
    assertThat(new Tariff(zeros, false, "v").prices(Meter.OUTPUT_TOKEN)).isFalse();
    assertThat(new Tariff(zeros, true, "v").charge(Quantities.tokens(5, 5))).isEqualTo(Nanos.ZERO);
  }

  @Test
  void throwsOnOverflow() {
    assertThatThrownBy(() -> SANDBOX.charge(Quantities.tokens(Long.MAX_VALUE, 1)))
        .isInstanceOf(ArithmeticException.class);
  }

  @Test
  void noChargeIsAboveItsCeiling() {
    long seed = 20_261_121;
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < 10_000; i++) {
      Tariff tariff = randomTariff(random);
      long input = random.nextLong(1_000_000);
      long cached = random.nextLong(input + 1);
      long written = random.nextLong(input - cached + 1);
      long output = random.nextLong(1_000_000);
      Quantities used =
          Quantities.tokens(input - cached - written, output)
              .with(Meter.CACHED_INPUT_TOKEN, cached)
              .with(Meter.CACHE_WRITE_TOKEN, written);
      Nanos ceiling = tariff.ceiling(Quantities.tokens(input, output));
      assertThat(tariff.charge(used)).as("seed %d, round %d", seed, i).isLessThanOrEqualTo(ceiling);
    }
  }

  private static Tariff randomTariff(SplittableRandom random) {
    return new Tariff(
        Map.of(
            Meter.INPUT_TOKEN, random.nextLong(1, 20_000_000),
            Meter.CACHED_INPUT_TOKEN, random.nextLong(1, 20_000_000),
            Meter.CACHE_WRITE_TOKEN, random.nextLong(1, 20_000_000),
            Meter.OUTPUT_TOKEN, random.nextLong(1, 80_000_000)),
        false,
        "random");
  }
}
