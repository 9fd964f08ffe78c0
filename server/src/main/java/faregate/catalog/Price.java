package faregate.catalog;

import faregate.tariff.Meter;
import faregate.tariff.Tariff;
import java.math.BigDecimal;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A price as people write it, in USD per million tokens, exact to the pico-USD per token: $0.0375
/// per million is 37,500.
///
/// @param picoUsd per token, 0 or more
public record Price(long picoUsd) {
  private static final int PICO_USD_PLACES = 6;

  /// Reads USD per million tokens, exactly or not at all.
  ///
  /// @throws IllegalArgumentException when it is no number, negative, too large, or no whole number
  ///   of pico-USD
  public static Price parse(String text) {
    BigDecimal usdPerMillion;
    try {
      usdPerMillion = new BigDecimal(text.strip());
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("write USD per million tokens, such as 0.15", e);
    }
    if (usdPerMillion.signum() < 0) {
      throw new IllegalArgumentException("a price cannot be negative");
    }
    try {
      // Scaling leaves the digits alone: 1e400000000 is refused, not written out.
      return new Price(usdPerMillion.scaleByPowerOfTen(PICO_USD_PLACES).longValueExact());
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(
          "this is no whole number of pico-USD per token; write at most six decimal places", e);
    }
  }

  /// The tariff of an offer that is billed by tokens. A price of 0 is taken as unknown, since
  /// nothing is given away by oversight; what is meant to cost nothing is marked as free.
  ///
  /// @param output null or 0 leaves an offer with output unpriced
  /// @param hasOutput whether its task answers with tokens that have a price
  /// @return null when the offer is unpriced
  static @Nullable Tariff tariff(
      @Nullable Price input,
      @Nullable Price output,
      @Nullable Price cachedInput,
      boolean hasOutput,
      boolean free) {
    if (free) {
      return free();
    }
    Map<Meter, Long> prices = new EnumMap<>(Meter.class);
    prices.put(Meter.INPUT_TOKEN, picos(input));
    prices.put(Meter.CACHED_INPUT_TOKEN, picos(cachedInput));
    prices.put(Meter.OUTPUT_TOKEN, picos(output));
    return Pricing.of(prices, List.of(), hasOutput ? Listing.CHAT : "feature-extraction");
  }

  static Tariff free() {
    return new Tariff(Map.of(), true, "free");
  }

  /// The provider bills the caller.
  static Tariff ownKey() {
    return new Tariff(Map.of(), true, "byok");
  }

  private static long picos(@Nullable Price price) {
    return price == null ? 0 : price.picoUsd;
  }
}
