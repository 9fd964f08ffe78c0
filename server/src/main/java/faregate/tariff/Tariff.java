package faregate.tariff;

import faregate.money.Nanos;
import faregate.money.Rounding;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/// The prices of an offer, in pico-USD per unit. $0.0375 per million tokens is 37,500.
///
/// A meter without a price of its own falls back: as [Meter] tells. A meter
/// that has none at all is unpriced, and consuming it is refused rather than given away.
public final class Tariff {
  private static final long UNPRICED = -1;
  private final long[] prices = new long[Meter.values().length];
  private final boolean free;
  private final String version;

  /// @param prices pico-USD per unit, each above 0, or 0 where `free` says that 0 is meant
  /// @param free whether the operator marked the offer as free
  /// @param version names these prices; stamped on each hold
  public Tariff(Map<Meter, Long> prices, boolean free, String version) {
    this.free = free;
    this.version = version;
    for (Meter meter : Meter.values()) {
      long price = Objects.requireNonNullElse(prices.get(meter), UNPRICED);
      this.prices[meter.ordinal()] = free ? Math.max(price, 0) : (price > 0 ? price : UNPRICED);
    }
    // A meter stands behind the one that it falls back to.
    for (Meter meter : Meter.values()) {
      Meter fallback = meter.fallback();
      if (fallback != null) {
        inherit(meter, fallback);
      }
    }
  }

  /// Prices of a chat offer, in pico-USD per token (which is USD per million × 10⁶).
  public static Tariff tokens(long input, long output, String version) {
    EnumMap<Meter, Long> prices = new EnumMap<>(Meter.class);
    prices.put(Meter.INPUT_TOKEN, input);
    prices.put(Meter.OUTPUT_TOKEN, output);
    return new Tariff(prices, false, version);
  }

  private void inherit(Meter meter, Meter from) {
    if (prices[meter.ordinal()] == UNPRICED) {
      prices[meter.ordinal()] = prices[from.ordinal()];
    }
  }

  public boolean prices(Meter meter) {
    return prices[meter.ordinal()] != UNPRICED;
  }

  /// @return pico-USD per unit
  /// @throws IllegalStateException when the meter is unpriced
  public long price(Meter meter) {
    long price = prices[meter.ordinal()];
    if (price == UNPRICED) {
      throw new IllegalStateException("tariff " + version + " has no price for " + meter);
    }
    return price;
  }

  public boolean isFree() {
    return free;
  }

  public String version() {
    return version;
  }

  /// Whether every one of these quantities has a price.
  public boolean covers(Quantities quantities) {
    for (Meter meter : Meter.values()) {
      if (quantities.of(meter) > 0 && !prices(meter)) {
        return false;
      }
    }
    return true;
  }

  /// ceil(sum(quantity × price) / 1000), rounded once.
  ///
  /// @return nano-USD
  /// @throws IllegalStateException when something consumed is unpriced
  /// @throws ArithmeticException when the amount does not fit 64 bits
  public Nanos charge(Quantities quantities) {
    long picos = 0;
    for (Meter meter : Meter.values()) {
      long quantity = quantities.of(meter);
      if (quantity > 0) {
        picos = Math.addExact(picos, Math.multiplyExact(quantity, price(meter)));
      }
    }
    return Rounding.up(picos);
  }

  /// The most these quantities can cost: each input token at the dearest of input, cached input and
  /// cache write.
  ///
  /// @return nano-USD
  public Nanos ceiling(Quantities most) {
    long input = most.of(Meter.INPUT_TOKEN);
    long picos = input == 0 ? 0 : Math.multiplyExact(input, dearestInput());
    for (Meter meter : Meter.values()) {
      long quantity = most.of(meter);
      if (meter != Meter.INPUT_TOKEN && quantity > 0) {
        picos = Math.addExact(picos, Math.multiplyExact(quantity, price(meter)));
      }
    }
    return Rounding.up(picos);
  }

  /// @return the dearest of input, cached input and cache write, in pico-USD per token
  public long dearestInput() {
    return Math.max(
        price(Meter.INPUT_TOKEN),
        Math.max(price(Meter.CACHED_INPUT_TOKEN), price(Meter.CACHE_WRITE_TOKEN)));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Tariff that
        && free == that.free
        && version.equals(that.version)
        && Arrays.equals(prices, that.prices);
  }

  @Override
  public int hashCode() {
    return Objects.hash(version, free, Arrays.hashCode(prices));
  }

  @Override
  public String toString() {
    return "tariff " + version;
  }
}
