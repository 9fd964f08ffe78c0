package faregate.money;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NanosTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "5, 5000000000",
    "0.10, 100000000",
    "0.000000001, 1",
    "-0.5, -500000000",
    "1e3, 1000000000000",
    "9223372036.854775807, 9223372036854775807"
  })
  void readsUsdExactly(String usd, long nanos) {
    assertThat(Nanos.ofUsd(usd)).isEqualTo(Nanos.of(nanos));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a dime", "0.0000000001", "9223372036.854775808", "1,5", "NaN"})
  void refusesWhatIsNoAmount(String text) {
    assertThatThrownBy(() -> Nanos.ofUsd(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'" + text + "'");
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "1, 0.000000001", "100000000, 0.1", "5000000000, 5", "100000000000, 100"})
  void printsPlainDecimal(long nanos, String usd) {
    assertThat(Nanos.of(nanos).usd()).isEqualTo(usd);
    assertThat(Nanos.ofUsd(usd)).isEqualTo(Nanos.of(nanos));
  }

  @Test
  void throwsOnOverflow() {
    Nanos most = Nanos.of(Long.MAX_VALUE);
    assertThatThrownBy(() -> most.plus(Nanos.of(1))).isInstanceOf(ArithmeticException.class);
    assertThatThrownBy(() -> Nanos.of(Long.MIN_VALUE).minus(Nanos.of(1)))
        .isInstanceOf(ArithmeticException.class);
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "1, 1", "999, 1", "1000, 1", "1001, 2"})
  void roundsUpOnce(long picos, long nanos) {
    assertThat(Rounding.up(picos)).isEqualTo(Nanos.of(nanos));
  }

  @Test
  void tellsHowManyUnitsAnAmountPaysFor() {
    assertThat(Rounding.unitsPaidBy(Nanos.of(10), 3_000)).isEqualTo(3);
    assertThat(Rounding.unitsPaidBy(Nanos.of(-1), 3_000)).isZero();
  }
}
