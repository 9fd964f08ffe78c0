package faregate.identity;

import faregate.money.Nanos;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// How much each tier is granted a month, and what may be spent beyond it. A change takes nothing
/// from a wallet that has its grant of the month, and never brings that above the larger of both.
///
/// @param monthly an amount for each tier, 0 or more; of team and enterprise for each seat
/// @param payAsYouGo what pro, team and enterprise may spend in a month beyond their credit, where
///   no limit was set for the account; 0 for nothing
/// @param mayBuy whether credit can be bought here; refusals say so
public record TierSettings(Map<Tier, Nanos> monthly, Nanos payAsYouGo, boolean mayBuy) {

  public TierSettings {
    monthly = Map.copyOf(monthly);
    for (Tier tier : Tier.values()) {
      Nanos amount = monthly.get(tier);
      if (amount == null || amount.value() < 0) {
        throw new IllegalArgumentException(
            "tier " + tier.text() + " needs a monthly grant of 0 USD or more, not " + amount);
      }
    }
  }

  public TierSettings(Map<Tier, Nanos> monthly) {
    this(monthly, Nanos.ZERO, false);
  }

  /// $0.10 for the free tier, $2.00 a month and seat for the others.
  public static TierSettings standard() {
    return ofUsd(
        Map.of(Tier.FREE, "0.10", Tier.PRO, "2.00", Tier.TEAM, "2.00", Tier.ENTERPRISE, "2.00"));
  }

  /// @param monthly plain decimal numbers of USD, at most nine places
  /// @throws IllegalArgumentException when one is missing, no number or negative
  public static TierSettings ofUsd(Map<Tier, String> monthly) {
    EnumMap<Tier, Nanos> amounts = new EnumMap<>(Tier.class);
    monthly.forEach((tier, usd) -> amounts.put(tier, Nanos.ofUsd(usd)));
    return new TierSettings(amounts);
  }

  public Nanos monthly(Tier tier) {
    Nanos amount = monthly.get(tier);
    if (amount == null) {
      throw new IllegalStateException("no monthly grant for " + tier);
    }
    return amount;
  }

  /// The tiers from the smallest grant to the largest; equal ones in their own order.
  List<Tier> ladder() {
    return Stream.of(Tier.values()).sorted((a, b) -> monthly(a).compareTo(monthly(b))).toList();
  }
}
