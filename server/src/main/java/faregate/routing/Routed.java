package faregate.routing;

import faregate.catalog.Offer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What came of routing: the attempts, or why there are none.
public sealed interface Routed permits Routed.Route, Refusal {

  /// The offers to attempt, in order. Each is live and priced.
  ///
  /// @param model as asked for, without its suffix
  /// @param attempts at least one, at most [Router#ATTEMPTS_MAX]
  /// @param pinned whether the client named the provider: never tried elsewhere
  /// @param session remembered for [Router#served]; null where there is none
  record Route(String model, List<Offer> attempts, boolean pinned, @Nullable String session)
      implements Routed {

    public Route {
      attempts = List.copyOf(attempts);
      if (attempts.isEmpty()) {
        throw new IllegalArgumentException("a route has at least one attempt");
      }
    }
  }
}
