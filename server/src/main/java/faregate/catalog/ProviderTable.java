package faregate.catalog;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What the product knows about providers, from `catalog/providers.csv`. Every provider with a base
/// URL names where that stands; one without is listed and never live.
final class ProviderTable {
  private static final Set<String> COLUMNS =
      Set.of(
          "slug",
          "name",
          "family",
          "orgs",
          "base_url",
          "chat_path",
          "auth_header",
          "auth_prefix",
          "key_variable",
          "bills_on_cancel",
          "output_limit_field",
          "request_id_header",
          "source",
          "cancel_source");

  /// A provider without the operator's part.
  ///
  /// @param orgs the organizations on the Hub under which it publishes models of its own
  record Known(Provider provider, Set<String> orgs) {}

  private ProviderTable() {}

  static Map<String, Known> builtIn() {
    Map<String, Known> known = new LinkedHashMap<>();
    List<Row> rows = Table.builtIn("providers.csv", COLUMNS, Set.of());
    for (Row row : rows) {
      String baseUrl = emptyToNull(row.text("base_url"));
      String keyVariable = emptyToNull(row.text("key_variable"));
      Provider provider =
          new Provider(
              row.needed("slug"),
              row.needed("name"),
              row.needed("family"),
              baseUrl,
              row.needed("chat_path"),
              row.needed("auth_header"),
              row.text("auth_prefix").isEmpty() ? "" : row.text("auth_prefix") + " ",
              keyVariable,
              null,
              keyVariable != null,
              row.isSet("bills_on_cancel"),
              row.needed("output_limit_field"),
              row.needed("request_id_header"),
              false,
              null,
              baseUrl == null ? row.text("source") : row.needed("source"));
      known.put(provider.slug(), new Known(provider, row.words("orgs", provider.slug())));
    }
    return known;
  }

  private static @Nullable String emptyToNull(String text) {
    return text.isEmpty() ? null : text;
  }
}
