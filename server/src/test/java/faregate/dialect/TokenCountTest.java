package faregate.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class TokenCountTest {
  @Test
  void aLongTextHasAsManyTokensAsItsSentences() {
    String sentence = "It is 12 o'clock in São Paulo and Genève, or not.";
    long once = TokenCount.text(" " + sentence);
    assertThat(TokenCount.text((" " + sentence).repeat(2_000))).isEqualTo(2_000 * once);
  }

  /// All at once it would take many minutes and most of the heap.
  @Test
  @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void aLongRunWithoutABreakIsCountedInTime() {
    long letters = 4 << 20;
    assertThat(TokenCount.text("a".repeat((int) letters))).isBetween(letters / 16, letters / 2);
  }
}
