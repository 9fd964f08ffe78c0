package faregate.dialect;

import faregate.tariff.Meter;
import faregate.tariff.Quantities;
import java.math.BigDecimal;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// What a provider reports in the head of its answer: hf-inference the seconds that it computed,
/// fal the units that it bills.
public final class UsageHeaders {
  private static final String COMPUTE = "x-compute-time";
  private static final String UNITS = "x-fal-billable-units";
  private static final int CHARS_MAX = 40;

  private UsageHeaders() {}

  /// @param header the value of a header by its name; null where it is absent
  /// @return null when no header tells it
  public static @Nullable Quantities read(Function<String, @Nullable String> header) {
    UsageCounts counts = new UsageCounts();
    take(counts, COMPUTE, header.apply(COMPUTE));
    take(counts, UNITS, header.apply(UNITS));
    Quantities quantities =
        Quantities.of(Meter.COMPUTE_MILLISECOND, counts.thousandths(COMPUTE))
            .with(Meter.BILLED_MILLIUNIT, counts.thousandths(UNITS));
    return quantities.isNone() ? null : quantities;
  }

  private static void take(UsageCounts counts, String name, @Nullable String value) {
    if (value != null && value.length() <= CHARS_MAX) {
      try {
        counts.fraction(name, new BigDecimal(value.strip()));
      } catch (NumberFormatException _) {
        // Absent, like any other that makes no sense.
      }
    }
  }
}
