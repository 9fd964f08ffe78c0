package faregate.prove;

import faregate.kit.RandomSource;
import java.util.List;

/// Chance that follows from a seed. Not for many threads: each gets its own by [#child].
final class Dice {
  private final RandomSource random;

  Dice(long seed) {
    this.random = RandomSource.seeded(seed);
  }

  /// @return 0 to `bound` - 1
  int below(int bound) {
    return (int) Long.remainderUnsigned(random.nextLong(), bound);
  }

  /// @return one of `least` to `most`
  int between(int least, int most) {
    return least + below(most - least + 1);
  }

  <T> T oneOf(List<T> things) {
    return things.get(below(things.size()));
  }

  /// Others that do not depend on how often these are thrown from now on.
  Dice child() {
    return new Dice(random.nextLong());
  }
}
