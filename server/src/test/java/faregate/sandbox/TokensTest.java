package faregate.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class TokensTest {
  private final Tokens tokens = new Tokens();

  @Test
  void aLongTextHasAsManyTokensAsTheTokenizerMakesOfItAtOnce() {
    String text = "It's 12 o'clock in São Paulo, 東京 and Genève 🎉🎉 (or not). ".repeat(900);
    assertThat(tokens.count(text)).isEqualTo(tokens.pieces(text).size());
  }

  /// All at once it would take many minutes and most of the heap.
  @Test
  @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD, unit = TimeUnit.SECONDS)
  void aLongRunWithoutABreakIsCountedTheSameWay() {
    int letters = 4 << 20;
    assertThat(tokens.count("a".repeat(letters))).isBetween(letters / 16, letters / 2);
    assertThat(tokens.count("🎉".repeat(50_000))).isBetween(50_000, 200_000);
  }

  /// Such a text is decoded piece by piece: it must not be the whole of it each time.
  @Test
  @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD, unit = TimeUnit.SECONDS)
  void whatIsNoCharacterDoesNotHoldUpWhatFollows() {
    String text = "\ufffd" + " word".repeat(60_000);
    assertThat(String.join("", tokens.pieces(text))).endsWith(" word word");
    assertThat(tokens.pieces(text)).contains(" word");
  }
}
