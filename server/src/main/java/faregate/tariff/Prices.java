package faregate.tariff;

import java.util.Arrays;
import java.util.Map;
import java.util.Objects;

/// One column of a price list: what each meter costs, in pico-USD per unit. Immutable.
final class Prices {
  private static final long UNPRICED = -1;
  private final long[] prices = new long[Meter.values().length];

  /// @param own above 0, or 0 where `free` says that 0 is meant
  Prices(Map<Meter, Long> own, boolean free) {
    for (Meter meter : Meter.values()) {
      long price = Objects.requireNonNullElse(own.get(meter), UNPRICED);
      prices[meter.ordinal()] = free ? Math.max(price, 0) : (price > 0 ? price : UNPRICED);
    }
    // A meter stands behind the one that it falls back to.
    for (Meter meter : Meter.values()) {
      Meter fallback = meter.fallback();
      if (fallback != null && !has(meter)) {
        prices[meter.ordinal()] = prices[fallback.ordinal()];
      }
    }
  }

  boolean has(Meter meter) {
    return prices[meter.ordinal()] != UNPRICED;
  }

  /// @return below 0 where it is unpriced
  long of(Meter meter) {
    return prices[meter.ordinal()];
  }

  /// What these quantities cost, in pico-USD, with the price of the call itself.
  ///
  /// @throws IllegalStateException when something consumed is unpriced
  /// @throws ArithmeticException when it does not fit 64 bits
  long charge(Quantities quantities) {
    long picos = request(quantities);
    for (Meter meter : Meter.values()) {
      long quantity = quantities.of(meter);
      if (quantity > 0 && meter != Meter.REQUEST) {
        picos = Math.addExact(picos, Math.multiplyExact(quantity, needed(meter, of(meter))));
      }
    }
    return picos;
  }

  /// The same with each token at the dearest that it can turn out to be.
  long ceiling(Quantities most) {
    long picos = request(most);
    for (Meter meter : Meter.values()) {
      long quantity = most.of(meter);
      if (quantity > 0 && meter != Meter.REQUEST) {
        picos = Math.addExact(picos, Math.multiplyExact(quantity, needed(meter, dearest(meter))));
      }
    }
    return picos;
  }

  /// A token of the prompt may have been cached, or be written to a cache; one of the answer may be
  /// thought, spoken or drawn.
  long dearest(Meter meter) {
    long dearest = of(meter);
    for (Meter other : Meter.values()) {
      boolean reachable =
          meter.isPrompt()
              ? other == Meter.INPUT_TOKEN
                  || other == Meter.CACHED_INPUT_TOKEN
                  || other == Meter.CACHE_WRITE_TOKEN
                  || other == Meter.CACHE_WRITE_HOUR_TOKEN
              : meter.isAnswer() && other.isAnswer();
      if (reachable) {
        dearest = Math.max(dearest, of(other));
      }
    }
    return dearest;
  }

  /// The price of the call itself is due once, whatever else was consumed.
  private long request(Quantities quantities) {
    long times = quantities.of(Meter.REQUEST);
    if (!has(Meter.REQUEST)) {
      return times > 0 ? needed(Meter.REQUEST, UNPRICED) : 0;
    }
    return quantities.isNone() ? 0 : Math.multiplyExact(Math.max(1, times), of(Meter.REQUEST));
  }

  private static long needed(Meter meter, long price) {
    if (price == UNPRICED) {
      throw new IllegalStateException("there is no price for " + meter);
    }
    return price;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Prices that && Arrays.equals(prices, that.prices);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(prices);
  }
}
