package faregate.kit;

import java.security.SecureRandom;
import java.util.SplittableRandom;

/// Randomness. The only place that draws from the machine's.
public interface RandomSource {
  /// A uniformly distributed 64-bit number, fit for secrets.
  long nextLong();

  /// @param length how many characters of `alphabet`, each drawn uniformly
  default String text(int length, String alphabet) {
    StringBuilder text = new StringBuilder(length);
    for (int i = 0; i < length; i++) {
      text.append(alphabet.charAt((int) Long.remainderUnsigned(nextLong(), alphabet.length())));
    }
    return text.toString();
  }

  /// Numbers that follow from a seed, for what has to be repeatable. No secrets. Not for many
  /// threads.
  static RandomSource seeded(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    return random::nextLong;
  }

  static RandomSource secure() {
    SecureRandom random = new SecureRandom();
    return random::nextLong;
  }
}
