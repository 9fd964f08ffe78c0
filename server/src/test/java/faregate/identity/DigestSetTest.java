package faregate.identity;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class DigestSetTest {

  @Test
  void containsWhatWasAddedAndNothingElse() {
    DigestSet set = new DigestSet();
    Random random = new Random(3);
    Random again = new Random(3);
    for (int each = 0; each < 100_000; each++) {
      set.add(digest(random.nextLong()));
    }
    for (int each = 0; each < 100_000; each++) {
      assertThat(set.mayContain(digest(again.nextLong()))).isTrue();
    }
    for (int each = 0; each < 100_000; each++) {
      assertThat(set.mayContain(digest(random.nextLong()))).isFalse();
    }
    assertThat(set.mayContain(digest(0))).isFalse();
    set.add(digest(0));
    assertThat(set.mayContain(digest(0))).isTrue();
  }

  private static TokenDigest digest(long first) {
    return new TokenDigest(first, 1, 2, 3);
  }
}
