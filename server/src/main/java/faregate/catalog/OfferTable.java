package faregate.catalog;

import faregate.id.OfferId;
import faregate.kit.SettingsException;
import faregate.tariff.Tariff;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Offers in CSV: the product's own and the operator's, in the same columns.
///
/// Prices are USD per million tokens; an empty one means unpriced, and so does 0 unless `free` says
/// true. Only `model` and `provider` are needed; `provider_model` is the model where it is empty.
final class OfferTable {
  private static final Set<String> REQUIRED = Set.of("model", "provider");
  private static final Set<String> OPTIONAL =
      Set.of(
          "provider_model",
          "task",
          "input_usd_per_mtok",
          "output_usd_per_mtok",
          "cached_input_usd_per_mtok",
          "context_tokens",
          "max_output_tokens",
          "image_tokens",
          "tools",
          "structured_output",
          "reasoning",
          "input_modalities",
          "output_modalities",
          "open_weights",
          "status",
          "free");
  private static final Set<String> STATUSES = Set.of("", "beta", "deprecated");
  private static final Pattern MODEL = Pattern.compile("[^/\\s]+/[^/\\s]+");

  private OfferTable() {}

  static List<Listing> builtIn(String name) {
    return listings(Table.builtIn(name, REQUIRED, OPTIONAL));
  }

  static List<Listing> file(Path path) {
    return listings(Table.file(path, REQUIRED, OPTIONAL));
  }

  private static List<Listing> listings(List<Row> rows) {
    Map<OfferId, Long> lines = new HashMap<>();
    return rows.stream()
        .map(
            row -> {
              Listing listing = listing(row);
              Long before = lines.put(listing.id(), row.line());
              if (before != null) {
                throw new SettingsException(
                    "%s, line %d: the offer %s stands in line %d already; remove one of them."
                        .formatted(row.file(), row.line(), listing.id(), before));
              }
              return listing;
            })
        .toList();
  }

  private static Listing listing(Row row) {
    String model = row.needed("model");
    if (!MODEL.matcher(model).matches()) {
      throw row.refused("model", "write it as {org}/{name}");
    }
    String status = row.text("status");
    if (!STATUSES.contains(status)) {
      throw row.refused("status", "write beta, deprecated or nothing");
    }
    String task = row.text("task", Listing.CHAT);
    int imageTokens = row.count("image_tokens");
    return new Listing(
        new OfferId(row.needed("provider"), row.text("provider_model", model)),
        model,
        task,
        tariff(row, task),
        row.count("context_tokens"),
        row.count("max_output_tokens"),
        imageTokens == 0 ? OptionalInt.empty() : OptionalInt.of(imageTokens),
        row.flag("tools"),
        row.flag("structured_output"),
        row.isSet("reasoning"),
        row.words("input_modalities", "text"),
        row.words("output_modalities", "text"),
        status.equals("deprecated"));
  }

  private static @Nullable Tariff tariff(Row row, String task) {
    return Price.tariff(
        row.price("input_usd_per_mtok"),
        row.price("output_usd_per_mtok"),
        row.price("cached_input_usd_per_mtok"),
        Listing.hasOutput(task),
        row.isSet("free"));
  }
}
