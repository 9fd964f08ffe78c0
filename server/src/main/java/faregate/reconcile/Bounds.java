package faregate.reconcile;

import faregate.money.Nanos;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// What attempts that told no id may have been billed at most, each by itself: a line of a bill
/// that we do not know can be one of them, where it is within that one's bound.
final class Bounds {
  private final List<Bound> bounds = new ArrayList<>();
  private int next;

  private record Bound(Nanos most, Why why) {}

  void add(Nanos most, Why why) {
    bounds.add(new Bound(most, why));
  }

  /// To be called before the first line is looked up.
  void sort() {
    bounds.sort(Comparator.comparing(Bound::most));
  }

  /// Takes the smallest that is left and covers a line; each covers one.
  ///
  /// @param billed not less than at the call before
  Optional<Why> take(Nanos billed) {
    while (next < bounds.size()) {
      Bound bound = bounds.get(next++);
      if (!bound.most().isLessThan(billed)) {
        return Optional.of(bound.why());
      }
    }
    return Optional.empty();
  }
}
