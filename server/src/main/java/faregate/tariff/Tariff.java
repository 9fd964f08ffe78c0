package faregate.tariff;

import faregate.money.Nanos;
import faregate.money.Rounding;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// The prices of an offer, in pico-USD per unit. $0.0375 per million tokens is 37,500.
///
/// A meter without a price of its own falls back as [Meter] tells. A meter that has none at all is
/// unpriced, and consuming it is refused rather than given away.
///
/// Prices may rise with the prompt: above so many tokens of it the whole call, answer and all, is
/// at the prices of the highest step that it passes. A meter that a step does not name keeps the
/// price that the list names for it, else falls back within the step.
public final class Tariff {
  private final Prices base;
  private final List<Tier> tiers = new ArrayList<>();
  private final boolean free;
  private final String version;

  /// Other prices for longer prompts.
  ///
  /// @param abovePromptTokens a prompt of just so many is not above it
  /// @param prices pico-USD per unit, above 0
  public record Step(long abovePromptTokens, Map<Meter, Long> prices) {
    public Step {
      prices = Map.copyOf(prices);
      if (abovePromptTokens <= 0) {
        throw new IllegalArgumentException("a step begins above 1 token or more");
      }
    }
  }

  private record Tier(long abovePromptTokens, Prices prices) {}

  /// @param prices pico-USD per unit, each above 0, or 0 where `free` says that 0 is meant
  /// @param free whether the operator marked the offer as free
  /// @param version names these prices; stamped on each hold
  public Tariff(Map<Meter, Long> prices, boolean free, String version) {
    this(prices, List.of(), free, version);
  }

  /// @param steps in any order
  public Tariff(Map<Meter, Long> prices, List<Step> steps, boolean free, String version) {
    this.free = free;
    this.version = version;
    this.base = new Prices(prices, free);
    for (Step step : steps) {
      EnumMap<Meter, Long> all = new EnumMap<>(Meter.class);
      all.putAll(prices);
      all.putAll(step.prices());
      tiers.add(new Tier(step.abovePromptTokens(), new Prices(all, free)));
    }
    tiers.sort(Comparator.comparingLong(Tier::abovePromptTokens));
  }

  /// Prices of a chat offer, in pico-USD per token (which is USD per million × 10⁶).
  public static Tariff tokens(long input, long output, String version) {
    EnumMap<Meter, Long> prices = new EnumMap<>(Meter.class);
    prices.put(Meter.INPUT_TOKEN, input);
    prices.put(Meter.OUTPUT_TOKEN, output);
    return new Tariff(prices, false, version);
  }

  public boolean prices(Meter meter) {
    return base.has(meter);
  }

  /// The price for prompts below the first step.
  ///
  /// @return pico-USD per unit
  /// @throws IllegalStateException when the meter is unpriced
  public long price(Meter meter) {
    if (!base.has(meter)) {
      throw new IllegalStateException("tariff " + version + " has no price for " + meter);
    }
    return base.of(meter);
  }

  public boolean isFree() {
    return free;
  }

  public String version() {
    return version;
  }

  /// Whether every one of these quantities has a price.
  public boolean covers(Quantities quantities) {
    return priced(quantities).equals(quantities);
  }

  /// Those of the quantities that have a price.
  public Quantities priced(Quantities quantities) {
    Quantities priced = quantities;
    for (Meter meter : Meter.values()) {
      if (quantities.of(meter) > 0 && !prices(meter)) {
        priced = priced.with(meter, 0);
      }
    }
    return priced;
  }

  /// ceil(sum(quantity × price) / 1000), rounded once.
  ///
  /// @return nano-USD
  /// @throws IllegalStateException when something consumed is unpriced
  /// @throws ArithmeticException when the amount does not fit 64 bits
  public Nanos charge(Quantities quantities) {
    Prices prices = base;
    if (!tiers.isEmpty()) {
      long prompt = quantities.promptTokens();
      for (Tier tier : tiers) {
        prices = prompt > tier.abovePromptTokens ? tier.prices : prices;
      }
    }
    return Rounding.up(prices.charge(quantities));
  }

  /// The most these quantities can cost: each token at the dearest that it can turn out to be, at
  /// the dearest step that the prompt can reach.
  ///
  /// @return nano-USD
  public Nanos ceiling(Quantities most) {
    long picos = 0;
    for (Prices prices : reachable(most.promptTokens())) {
      picos = Math.max(picos, prices.ceiling(most));
    }
    return Rounding.up(picos);
  }

  /// How many tokens of answer an amount pays for beside the ceiling of what is sent in.
  ///
  /// @return `Long.MAX_VALUE` where they cost nothing; 0 or less where there is nothing left
  public long answerTokensPaidBy(Nanos amount, Quantities sent) {
    long tokens = Long.MAX_VALUE;
    for (Prices prices : reachable(sent.promptTokens())) {
      long price = prices.dearest(Meter.OUTPUT_TOKEN);
      if (price > 0) {
        Nanos left = amount.minus(Rounding.up(prices.ceiling(sent)));
        tokens = Math.min(tokens, Rounding.unitsPaidBy(left, price));
      }
    }
    return tokens;
  }

  private List<Prices> reachable(long promptTokens) {
    List<Prices> reachable = new ArrayList<>(1 + tiers.size());
    reachable.add(base);
    for (Tier tier : tiers) {
      if (promptTokens > tier.abovePromptTokens) {
        reachable.add(tier.prices);
      }
    }
    return reachable;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Tariff that
        && free == that.free
        && version.equals(that.version)
        && base.equals(that.base)
        && tiers.equals(that.tiers);
  }

  @Override
  public int hashCode() {
    return Objects.hash(version, free, base, tiers);
  }

  @Override
  public String toString() {
    return "tariff " + version;
  }
}
