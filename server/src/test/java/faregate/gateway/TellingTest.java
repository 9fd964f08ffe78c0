package faregate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TellingTest {
  @ParameterizedTest
  @CsvSource({
    // tokens, milliseconds from the dispatch, tokens a second
    "100, 1000, 100",
    "32, 500, 64",
    "31, 500, 0",
    "5, 2, 0",
    "0, 1000, 0",
    "100, 0, 0",
  })
  void thePaceIsThatOfTheWholeAnswerAndOfNoneThatIsShort(long tokens, long millis, double pace) {
    assertThat(Telling.pace(tokens, millis)).isEqualTo(pace);
  }
}
