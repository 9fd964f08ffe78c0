package faregate.catalog;

import faregate.id.OfferId;
import faregate.kit.SettingsException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Pattern;

/// Offers in CSV: the product's own and the operator's, in the same columns.
///
/// Prices stand in the columns of [Pricing]; an empty one means unpriced, and so does 0 unless
/// `free` says true. Only `model` and `provider` are needed; `provider_model` is the model where it
/// is empty.
final class OfferTable {
  private static final Set<String> REQUIRED = Set.of("model", "provider");
  private static final Set<String> OPTIONAL = optional();
  private static final Set<String> STATUSES = Set.of("", "beta", "deprecated");
  private static final Pattern MODEL = Pattern.compile("[^/\\s]+/[^/\\s]+");

  private OfferTable() {}

  private static Set<String> optional() {
    Set<String> columns = new HashSet<>(Pricing.columns());
    columns.addAll(
        Set.of(
            "provider_model",
            "task",
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
            "free"));
    return columns;
  }

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
        Pricing.tariff(row, task, row.isSet("free")),
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
}
