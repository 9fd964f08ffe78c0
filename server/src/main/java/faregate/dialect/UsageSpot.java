package faregate.dialect;

import faregate.money.Nanos;
import java.util.ArrayList;
import java.util.List;

/// Where a usage object stands in an answer, so that the cost can be spliced into it.
final class UsageSpot {
  private final int open;
  private final List<Integer> renamed = new ArrayList<>(0);
  int fields;

  /// @param open where its opening brace stands
  UsageSpot(int open) {
    this.open = open;
  }

  /// Notes a field of the provider's whose name ours takes, by where its name starts.
  void taken(int nameStart) {
    renamed.add(nameStart);
  }

  /// Puts the cost first in the object. A cost of the provider's own becomes `upstream_cost`, for
  /// its unit and its meaning are not ours to say.
  void splice(Splice splice, Nanos cost) {
    splice.insert(open + 1, costFields(cost) + (fields > 0 ? "," : ""));
    for (int nameStart : renamed) {
      splice.insert(nameStart + 1, "upstream_");
    }
  }

  static String costFields(Nanos cost) {
    return "\"cost\":" + cost.usd() + ",\"cost_nano_usd\":" + cost.value();
  }
}
