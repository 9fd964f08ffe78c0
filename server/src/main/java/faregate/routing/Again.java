package faregate.routing;

import faregate.catalog.Offer;
import faregate.health.Health;
import faregate.provider.Failure;
import faregate.routing.Routed.Route;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The one place that decides about another attempt, apart from making it, and that tells `health`
/// what a failed one means for the offer.
///
/// There is another attempt when the failure allows it, the client has seen no byte, the client did
/// not name the provider, and the route has an offer left that is not cooling.
public final class Again {
  private final Health health;

  public Again(Health health) {
    this.health = health;
  }

  /// To be asked once for each failed attempt.
  ///
  /// @param failed the offer that failed, one of the route's
  /// @param begun whether the client has been sent any byte of an answer
  /// @return the offer to attempt next, null when there is to be none
  public @Nullable Offer after(Route route, Offer failed, Failure failure, boolean begun) {
    if (!isOfAccount(failed, failure)) {
      remember(failed, failure);
    }
    if (begun || route.pinned() || !failure.again()) {
      return null;
    }
    List<Offer> attempts = route.attempts();
    for (Offer next : attempts.subList(attempts.indexOf(failed) + 1, attempts.size())) {
      if (next.isOnOwnKey() || health.cooling(next.id()).isZero()) {
        return next;
      }
    }
    return null;
  }

  /// What a provider says of one caller's account there is nothing that others should suffer from.
  private static boolean isOfAccount(Offer offer, Failure failure) {
    return offer.isOnOwnKey()
        && switch (failure.kind()) {
          case BUSY, ACCOUNT, FORBIDDEN, NO_MODEL -> true;
          case UNREACHABLE, SILENT, BROKEN, FAULT, CLIENT -> false;
        };
  }

  private void remember(Offer offer, Failure failure) {
    switch (failure.kind()) {
      // What is forbidden or missing may be so for this one request only.
      case UNREACHABLE, SILENT, BROKEN, FORBIDDEN, NO_MODEL -> health.failed(offer.id());
      case FAULT -> {
        health.failed(offer.id());
        cool(offer, failure.cooling());
      }
      case BUSY -> cool(offer, failure.cooling());
      case ACCOUNT -> health.distrust(offer.id(), failure.cooling());
      // It answered as it should: the request was at fault.
      case CLIENT -> health.answered(offer.id());
    }
  }

  private void cool(Offer offer, Duration rest) {
    if (rest.isPositive()) {
      health.cool(offer.id(), rest);
    }
  }
}
