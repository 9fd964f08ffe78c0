package faregate.routing;

import faregate.catalog.Offer;
import faregate.health.Health;
import faregate.health.Pace;
import faregate.kit.RandomSource;
import faregate.tariff.Meter;
import faregate.tariff.Tariff;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// In which order able, live offers of one model are attempted.
public interface Policy {
  /// Tokens per second that an offer is believed to reach until it was measured.
  double UNMEASURED = 50;

  /// One call in so many goes first to an offer whose speed is not known, or no longer.
  int EXPLORE_EVERY = 20;

  /// @param offers each with a tariff
  /// @return the same offers in the order of their attempts
  List<Offer> order(List<Offer> offers, Ask ask);

  /// Highest measured throughput first. Speeds that are equal, or not known, go by price, so that
  /// the default is not blind to it.
  static Policy fastest(Health health, RandomSource random) {
    Comparator<Offer> best = bySpeed(health).thenComparing(byPrice());
    return (offers, _) -> {
      if (offers.size() < 2) {
        return offers;
      }
      List<Offer> order = new ArrayList<>(offers);
      order.sort(best);
      explore(order, health, random);
      return order;
    };
  }

  /// Lowest price of output first, then of input, then the faster.
  static Policy cheapest(Health health) {
    return (offers, _) -> offers.stream().sorted(byPrice().thenComparing(bySpeed(health))).toList();
  }

  /// The caller's order; providers that it does not name come after, in the order of `otherwise`.
  static Policy preferred(Policy otherwise) {
    return (offers, ask) -> {
      List<Offer> order = new ArrayList<>(otherwise.order(offers, ask));
      order.sort(Comparator.comparingInt(offer -> rank(ask.preferred(), offer.provider())));
      return order;
    };
  }

  private static int rank(List<String> preferred, String provider) {
    int at = preferred.indexOf(provider);
    return at < 0 ? preferred.size() : at;
  }

  private static Comparator<Offer> bySpeed(Health health) {
    return Comparator.comparingDouble((Offer offer) -> speed(health.pace(offer.id()))).reversed();
  }

  private static double speed(Pace pace) {
    return pace.isMeasured() ? pace.tokensPerSecond() : UNMEASURED;
  }

  private static Comparator<Offer> byPrice() {
    return Comparator.comparingLong((Offer offer) -> price(offer, Meter.OUTPUT_TOKEN))
        .thenComparingLong(offer -> price(offer, Meter.INPUT_TOKEN))
        .thenComparing(Offer::provider);
  }

  private static long price(Offer offer, Meter meter) {
    Tariff tariff = offer.tariff();
    return tariff == null || !tariff.prices(meter) ? Long.MAX_VALUE : tariff.price(meter);
  }

  private static void explore(List<Offer> order, Health health, RandomSource random) {
    List<Offer> stale = order.stream().filter(offer -> !health.pace(offer.id()).fresh()).toList();
    if (stale.isEmpty()) {
      return;
    }
    long draw = random.nextLong() >>> 1;
    if (draw % EXPLORE_EVERY == 0) {
      Offer chosen = stale.get((int) (draw / EXPLORE_EVERY % stale.size()));
      order.remove(chosen);
      order.addFirst(chosen);
    }
  }
}
