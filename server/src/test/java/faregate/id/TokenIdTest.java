package faregate.id;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenIdTest {
  /// Ids have nineteen digits from 2031 on.
  @ParameterizedTest
  @ValueSource(longs = {1, 999_999_999_999_999_999L, 1_000_000_000_000_000_000L, Long.MAX_VALUE})
  void readsWhatItShows(long value) {
    TokenId id = new TokenId(value);
    assertThat(TokenId.parse(id.toString())).contains(id);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "0",
        "-1",
        "+1",
        " 1",
        "abc",
        "1.0",
        "\u0661",
        "9223372036854775808",
        "9999999999999999999",
        "00000000000000000001"
      })
  void nothingElseIsOne(String text) {
    assertThat(TokenId.parse(text)).isEmpty();
  }
}
