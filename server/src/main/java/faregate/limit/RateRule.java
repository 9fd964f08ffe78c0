package faregate.limit;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// How many requests an hour each user may make at a provider.
///
/// @param provider its slug
/// @param tier of whoever pays, such as `free`; null for every tier without a rule of its own
/// @param requestsPerHour 0 for any number
public record RateRule(String provider, @Nullable String tier, long requestsPerHour) {
  private static final String EVERY_TIER = "";

  /// What holds where the operator says nothing: the Hub's own provider bounds free accounts.
  public static final List<RateRule> STANDARD = List.of(new RateRule("hf-inference", "free", 300));

  public RateRule {
    if (requestsPerHour < 0) {
      throw new IllegalArgumentException(
          requestsPerHour
              + " is no number of requests an hour: give 1 or more, or 0 for any number");
    }
  }

  /// Rules by provider and tier.
  public static final class Table {
    private final Map<String, Map<String, Long>> byProvider = new HashMap<>();

    /// Of two rules for the same, the later one holds.
    public Table(List<RateRule> rules) {
      for (RateRule rule : rules) {
        byProvider
            .computeIfAbsent(rule.provider(), _ -> new HashMap<>())
            .put(rule.tier() == null ? EVERY_TIER : rule.tier(), rule.requestsPerHour());
      }
    }

    /// @param tier asked only where there is a rule for the provider
    /// @return 0 where there is no bound
    public long perHour(String provider, String tier) {
      Map<String, Long> byTier = byProvider.get(provider);
      if (byTier == null) {
        return 0;
      }
      Long own = byTier.get(tier);
      return own == null ? byTier.getOrDefault(EVERY_TIER, 0L) : own;
    }
  }
}
