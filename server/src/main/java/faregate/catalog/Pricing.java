package faregate.catalog;

import faregate.tariff.Meter;
import faregate.tariff.Tariff;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The prices of an offer as a table says them: one column for each meter, and one for the steps
/// that a long prompt passes.
final class Pricing {
  static final String TIERS = "tiers";
  private static final String TIERS_REMEDY =
      "write each step as the tokens of the prompt above which it counts and its prices, such as"
          + " '200000 input=6 output=22.5', steps parted by a semicolon";

  /// Of each million tokens.
  private static final int PER_MILLION = 6;

  /// Of each second, metered in milliseconds; of each unit, metered in thousandths.
  private static final int PER_THOUSAND = 9;

  private static final int EACH = 12;

  /// What no answer to a chat tells, so that a price for it would never be charged.
  private static final Set<Meter> NEVER_IN_A_CHAT =
      EnumSet.of(
          Meter.CHARACTER,
          Meter.IMAGE,
          Meter.INPUT_IMAGE,
          Meter.AUDIO_MILLISECOND,
          Meter.COMPUTE_MILLISECOND,
          Meter.BILLED_MILLIUNIT);

  /// @param name in steps and in the version of a tariff
  /// @param places how many decimal places of USD are whole pico-USD of one metered unit
  private record Column(String name, String column, Meter meter, int places) {}

  private static final List<Column> COLUMNS =
      List.of(
          tokens("input", Meter.INPUT_TOKEN),
          tokens("cached_input", Meter.CACHED_INPUT_TOKEN),
          tokens("output", Meter.OUTPUT_TOKEN),
          tokens("cache_write", Meter.CACHE_WRITE_TOKEN),
          tokens("cache_write_hour", Meter.CACHE_WRITE_HOUR_TOKEN),
          tokens("reasoning", Meter.REASONING_TOKEN),
          tokens("audio_input", Meter.AUDIO_INPUT_TOKEN),
          tokens("audio_output", Meter.AUDIO_OUTPUT_TOKEN),
          tokens("image_input", Meter.IMAGE_INPUT_TOKEN),
          tokens("image_output", Meter.IMAGE_OUTPUT_TOKEN),
          new Column("characters", "usd_per_mchar", Meter.CHARACTER, PER_MILLION),
          new Column("image", "image_usd", Meter.IMAGE, EACH),
          new Column("input_image", "input_image_usd", Meter.INPUT_IMAGE, EACH),
          new Column("audio", "audio_usd_per_second", Meter.AUDIO_MILLISECOND, PER_THOUSAND),
          new Column("compute", "compute_usd_per_second", Meter.COMPUTE_MILLISECOND, PER_THOUSAND),
          new Column("unit", "usd_per_unit", Meter.BILLED_MILLIUNIT, PER_THOUSAND),
          new Column("search", "search_usd", Meter.SEARCH, EACH),
          new Column("request", "request_usd", Meter.REQUEST, EACH));

  private Pricing() {}

  private static Column tokens(String name, Meter meter) {
    return new Column(name, name + "_usd_per_mtok", meter, PER_MILLION);
  }

  /// All columns that say a price.
  static Set<String> columns() {
    Set<String> names = new LinkedHashSet<>();
    COLUMNS.forEach(column -> names.add(column.column()));
    names.add(TIERS);
    return names;
  }

  /// @return null when the offer is unpriced
  /// @throws faregate.kit.SettingsException when a price cannot be read, or would never be charged
  static @Nullable Tariff tariff(Row row, String task, boolean free) {
    EnumMap<Meter, Long> prices = new EnumMap<>(Meter.class);
    for (Column column : COLUMNS) {
      String text = row.text(column.column());
      if (!text.isEmpty()) {
        prices.put(column.meter(), picos(row, column.column(), text, column.places()));
      }
    }
    List<Tariff.Step> steps = steps(row);
    if (free) {
      return Price.free();
    }
    if (task.equals(Listing.CHAT)) {
      COLUMNS.forEach(column -> refuseUncharged(row, column, prices, steps));
    }
    return of(prices, steps, task);
  }

  private static void refuseUncharged(
      Row row, Column column, Map<Meter, Long> prices, List<Tariff.Step> steps) {
    Meter meter = column.meter();
    if (!NEVER_IN_A_CHAT.contains(meter)) {
      return;
    }
    String why =
        "a chat is not metered by it, so this price would never be charged; leave it empty and"
            + " price tokens, searches or the request";
    if (isPriced(prices, meter)) {
      throw row.refused(column.column(), why);
    }
    if (steps.stream().anyMatch(step -> isPriced(step.prices(), meter))) {
      throw row.refused(TIERS, column.name() + ": " + why);
    }
  }

  /// An offer that is paid by tokens has to price what goes in and what its task brings out; one
  /// that is paid in another way has to price that. A chat is paid by tokens always.
  static @Nullable Tariff of(Map<Meter, Long> prices, List<Tariff.Step> steps, String task) {
    boolean byTokens =
        isPriced(prices, Meter.INPUT_TOKEN)
            && (!Listing.hasOutput(task) || isPriced(prices, Meter.OUTPUT_TOKEN));
    boolean otherwise =
        !task.equals(Listing.CHAT)
            && COLUMNS.stream()
                .map(Column::meter)
                .filter(meter -> !meter.isPrompt() && !meter.isAnswer())
                .anyMatch(meter -> isPriced(prices, meter));
    return byTokens || otherwise ? new Tariff(prices, steps, false, version(prices, steps)) : null;
  }

  private static boolean isPriced(Map<Meter, Long> prices, Meter meter) {
    return prices.getOrDefault(meter, 0L) > 0;
  }

  /// The version names the prices by themselves: a change of price is a change of version, and
  /// nothing needs to be remembered for it.
  private static String version(Map<Meter, Long> prices, List<Tariff.Step> steps) {
    StringBuilder text = new StringBuilder();
    text.append(prices.getOrDefault(Meter.INPUT_TOKEN, 0L)).append('/');
    text.append(prices.getOrDefault(Meter.CACHED_INPUT_TOKEN, 0L)).append('/');
    text.append(prices.getOrDefault(Meter.OUTPUT_TOKEN, 0L));
    for (Column column : COLUMNS.subList(3, COLUMNS.size())) {
      if (isPriced(prices, column.meter())) {
        text.append(' ').append(column.name()).append('=').append(prices.get(column.meter()));
      }
    }
    for (Tariff.Step step : steps) {
      text.append(" >").append(step.abovePromptTokens());
      for (Column column : COLUMNS) {
        Long price = step.prices().get(column.meter());
        if (price != null) {
          text.append(' ').append(column.name()).append('=').append(price);
        }
      }
    }
    return text.toString();
  }

  private static List<Tariff.Step> steps(Row row) {
    List<Tariff.Step> steps = new ArrayList<>();
    String text = row.text(TIERS);
    if (text.isEmpty()) {
      return steps;
    }
    Set<Long> seen = new LinkedHashSet<>();
    for (String each : text.split(";", -1)) {
      String[] words = each.strip().split("\\s+");
      if (words.length < 2 || !words[0].matches("[1-9][0-9]{0,11}")) {
        throw row.refused(TIERS, TIERS_REMEDY);
      }
      EnumMap<Meter, Long> prices = new EnumMap<>(Meter.class);
      for (String word : List.of(words).subList(1, words.length)) {
        price(row, word, prices);
      }
      long above = Long.parseLong(words[0]);
      if (!seen.add(above)) {
        throw row.refused(TIERS, "the step above " + above + " stands there twice");
      }
      steps.add(new Tariff.Step(above, prices));
    }
    return steps;
  }

  private static void price(Row row, String word, Map<Meter, Long> prices) {
    int equals = word.indexOf('=');
    for (Column column : COLUMNS) {
      if (equals > 0 && column.name().equals(word.substring(0, equals))) {
        long picos = picos(row, TIERS, word.substring(equals + 1), column.places());
        if (picos == 0 || prices.put(column.meter(), picos) != null) {
          throw row.refused(TIERS, TIERS_REMEDY + "; each price once and above 0");
        }
        return;
      }
    }
    throw row.refused(TIERS, TIERS_REMEDY);
  }

  private static long picos(Row row, String column, String text, int places) {
    if (places == PER_MILLION) {
      try {
        return Price.parse(text).picoUsd();
      } catch (IllegalArgumentException e) {
        throw row.refused(column, String.valueOf(e.getMessage()));
      }
    }
    BigDecimal usd;
    try {
      usd = new BigDecimal(text);
    } catch (NumberFormatException _) {
      throw row.refused(column, "write USD, such as 0.04");
    }
    if (usd.signum() < 0) {
      throw row.refused(column, "a price cannot be negative");
    }
    try {
      return usd.scaleByPowerOfTen(places).longValueExact();
    } catch (ArithmeticException _) {
      throw row.refused(column, "write at most " + places + " decimal places");
    }
  }
}
