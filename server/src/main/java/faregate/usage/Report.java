package faregate.usage;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What a wallet consumed in a period.
///
/// @param offers by provider and model, the dearest first
/// @param days those on which there was anything, in order
public record Report(Totals totals, List<OfferUse> offers, List<DayUse> days) {

  public record OfferUse(String provider, String model, Totals totals) {}

  /// @param day UTC
  public record DayUse(LocalDate day, Totals totals) {}

  private record Offer(String provider, String model) {}

  static Report of(List<ReportSql.Line> lines) {
    Totals all = Totals.NONE;
    Map<Offer, Totals> offers = new LinkedHashMap<>();
    Map<Long, Totals> days = new TreeMap<>();
    for (ReportSql.Line line : lines) {
      if (line.totals().equals(Totals.NONE)) {
        // A call was told again with another model, and nothing is left here.
        continue;
      }
      all = all.plus(line.totals());
      offers.merge(new Offer(line.provider(), line.model()), line.totals(), Totals::plus);
      days.merge(line.day(), line.totals(), Totals::plus);
    }
    List<OfferUse> byOffer = new ArrayList<>();
    offers.forEach((offer, sum) -> byOffer.add(new OfferUse(offer.provider(), offer.model(), sum)));
    byOffer.sort(
        Comparator.comparing((OfferUse use) -> use.totals().charge())
            .reversed()
            .thenComparing(OfferUse::provider)
            .thenComparing(OfferUse::model));
    List<DayUse> byDay = new ArrayList<>();
    days.forEach((day, sum) -> byDay.add(new DayUse(LocalDate.ofEpochDay(day), sum)));
    return new Report(all, List.copyOf(byOffer), List.copyOf(byDay));
  }
}
