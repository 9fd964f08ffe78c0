package faregate.hub;

import faregate.usage.Report;
import faregate.usage.Totals;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What a payer's calls came to in a month, in the field's shape.
///
/// @param usedNanoUsd what calls were charged
/// @param includedNanoUsd what the tier granted for the month
/// @param limitNanoUsd where calls stop
/// @param providerDetails the dearest first
record InferenceUse(
    long usedNanoUsd,
    long includedNanoUsd,
    long limitNanoUsd,
    long numRequests,
    String periodStart,
    String periodEnd,
    List<ProviderUse> providerDetails) {

  /// @param cost nano-USD
  /// @param duration how long the calls took together, in milliseconds
  record ProviderUse(String provider, long requests, long cost, long duration) {}

  static List<ProviderUse> providers(Report report) {
    Map<String, Totals> sums = new LinkedHashMap<>();
    for (Report.OfferUse use : report.offers()) {
      sums.merge(use.provider(), use.totals(), Totals::plus);
    }
    return sums.entrySet().stream()
        .filter(each -> each.getValue().requests() > 0)
        .map(
            each ->
                new ProviderUse(
                    each.getKey(),
                    each.getValue().requests(),
                    each.getValue().charge().value(),
                    each.getValue().millis()))
        .sorted(Comparator.comparingLong(ProviderUse::cost).reversed())
        .toList();
  }
}
