package faregate.id;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CallIdTest {
  @ParameterizedTest
  @ValueSource(longs = {1, 31, 32, 1_234_567_890_123L, Long.MAX_VALUE})
  void textRoundTripsAndSorts(long value) {
    CallId id = new CallId(value);
    assertThat(CallId.parse(id.text())).isEqualTo(id);
    if (value < Long.MAX_VALUE) {
      assertThat(id.text()).isLessThan(new CallId(value + 1).text());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0000000000000", "000000000000", "000000000000u", "zzzzzzzzzzzzz"})
  void refusesWhatIsNoId(String text) {
    assertThatThrownBy(() -> CallId.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }
}
