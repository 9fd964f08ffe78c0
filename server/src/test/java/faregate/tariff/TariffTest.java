package faregate.tariff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import faregate.money.Nanos;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
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
      Quantities most =
          Quantities.tokens(random.nextLong(400_000), random.nextLong(1_000_000))
              .with(Meter.IMAGE, random.nextLong(5))
              .with(Meter.SEARCH, random.nextLong(5));
      Quantities used =
          within(random, most.promptTokens(), most.answerTokens())
              .with(Meter.IMAGE, random.nextLong(most.of(Meter.IMAGE) + 1))
              .with(Meter.SEARCH, random.nextLong(most.of(Meter.SEARCH) + 1));
      assertThat(tariff.charge(used))
          .as("seed %d, round %d: %s within %s", seed, i, used, most)
          .isLessThanOrEqualTo(tariff.ceiling(most));
    }
  }

  @Test
  void theAnswerThatIsPaidForFitsIntoTheAmount() {
    long seed = 20_261_122;
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < 10_000; i++) {
      Tariff tariff = randomTariff(random);
      Quantities sent = Quantities.of(Meter.INPUT_TOKEN, random.nextLong(1, 400_000));
      Nanos amount = tariff.ceiling(sent).plus(Nanos.of(random.nextLong(10_000_000_000L)));
      long paid = tariff.answerTokensPaidBy(amount, sent);
      assertThat(tariff.ceiling(sent.with(Meter.OUTPUT_TOKEN, paid)))
          .as("seed %d, round %d", seed, i)
          .isLessThanOrEqualTo(amount);
    }
  }

  @Test
  void theWholeCallIsAtTheStepThatItsPromptPasses() {
    Tariff tariff =
        new Tariff(
            Map.of(
                Meter.INPUT_TOKEN, 1_000L,
                Meter.CACHED_INPUT_TOKEN, 100L,
                Meter.OUTPUT_TOKEN, 10_000L),
            List.of(
                new Tariff.Step(500, Map.of(Meter.INPUT_TOKEN, 4_000L)),
                new Tariff.Step(
                    200, Map.of(Meter.INPUT_TOKEN, 2_000L, Meter.OUTPUT_TOKEN, 20_000L))),
            false,
            "v");
    assertThat(tariff.charge(Quantities.tokens(200, 1))).isEqualTo(Nanos.of(210));
    assertThat(tariff.charge(Quantities.tokens(201, 1))).isEqualTo(Nanos.of(422));
    // Cached tokens count towards the step, and keep the price that the list names for them.
    assertThat(tariff.charge(Quantities.tokens(1, 1).with(Meter.CACHED_INPUT_TOKEN, 200)))
        .isEqualTo(Nanos.of(42));
    // What the highest step does not name is as in the list, not as in the step below.
    assertThat(tariff.charge(Quantities.tokens(501, 1))).isEqualTo(Nanos.of(2_014));
    // A ceiling takes the dearest of those within reach.
    assertThat(tariff.ceiling(Quantities.tokens(501, 1_000))).isEqualTo(Nanos.of(21_002));
  }

  @Test
  void thePriceOfACallIsDueOnce() {
    Tariff tariff =
        new Tariff(Map.of(Meter.INPUT_TOKEN, 1_000L, Meter.REQUEST, 7_000L), false, "v");
    assertThat(tariff.charge(Quantities.of(Meter.INPUT_TOKEN, 5))).isEqualTo(Nanos.of(12));
    assertThat(tariff.charge(Quantities.of(Meter.REQUEST, 1))).isEqualTo(Nanos.of(7));
    assertThat(tariff.charge(Quantities.NONE)).isEqualTo(Nanos.ZERO);
    assertThat(tariff.ceiling(Quantities.of(Meter.INPUT_TOKEN, 5))).isEqualTo(Nanos.of(12));
  }

  /// Tokens of every kind, of prompts and answers that are no larger than these.
  private static Quantities within(SplittableRandom random, long prompt, long answer) {
    long promptLeft = random.nextLong(prompt + 1);
    long answerLeft = random.nextLong(answer + 1);
    Quantities used = Quantities.NONE;
    for (Meter meter :
        List.of(Meter.CACHED_INPUT_TOKEN, Meter.CACHE_WRITE_TOKEN, Meter.CACHE_WRITE_HOUR_TOKEN)) {
      long count = random.nextLong(promptLeft + 1);
      used = used.with(meter, count);
      promptLeft -= count;
    }
    for (Meter meter :
        List.of(Meter.REASONING_TOKEN, Meter.AUDIO_OUTPUT_TOKEN, Meter.IMAGE_OUTPUT_TOKEN)) {
      long count = random.nextLong(answerLeft + 1);
      used = used.with(meter, count);
      answerLeft -= count;
    }
    return used.with(Meter.INPUT_TOKEN, promptLeft).with(Meter.OUTPUT_TOKEN, answerLeft);
  }

  private static Tariff randomTariff(SplittableRandom random) {
    List<Tariff.Step> steps = new ArrayList<>();
    for (long above : new long[] {random.nextLong(1, 300_000), random.nextLong(1, 300_000)}) {
      steps.add(new Tariff.Step(above, randomPrices(random, 3)));
    }
    Map<Meter, Long> prices = randomPrices(random, 2);
    for (Meter needed : List.of(Meter.INPUT_TOKEN, Meter.OUTPUT_TOKEN, Meter.IMAGE, Meter.SEARCH)) {
      prices.putIfAbsent(needed, random.nextLong(1, 20_000_000));
    }
    return new Tariff(prices, steps, false, "random");
  }

  private static Map<Meter, Long> randomPrices(SplittableRandom random, int oneIn) {
    Map<Meter, Long> prices = new EnumMap<>(Meter.class);
    for (Meter meter : Meter.values()) {
      if (random.nextInt(oneIn) == 0) {
        prices.put(meter, random.nextLong(1, 80_000_000));
      }
    }
    return prices;
  }
}
