package faregate.catalog;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What the operator says about providers and offers: the sections `providers`, `offers` and
/// `routing` of the configuration, their keys in snake case.
///
/// @param providers by slug: one of the built-in providers, or a new one with a base URL
public record CatalogSettings(
    Map<String, ProviderSettings> providers, OfferSettings offers, RoutingSettings routing) {

  public CatalogSettings {
    providers = Collections.unmodifiableMap(new LinkedHashMap<>(providers));
  }

  /// Nothing said.
  public static CatalogSettings defaults() {
    return new CatalogSettings(Map.of(), OfferSettings.defaults(), RoutingSettings.defaults());
  }

  /// The same, with a base URL for a provider that was given none: how the sandbox, whose port is
  /// chosen at start, is made known.
  public CatalogSettings withBaseUrl(String slug, String baseUrl) {
    Map<String, ProviderSettings> next = new LinkedHashMap<>(providers);
    ProviderSettings said = next.getOrDefault(slug, ProviderSettings.NOTHING);
    if (said.baseUrl() == null) {
      next.put(slug, said.withBaseUrl(baseUrl));
    }
    return new CatalogSettings(next, offers, routing);
  }

  /// One model of a provider.
  ///
  /// @param id `{org}/{name}`; one without a slash gets the provider's slug before it
  /// @param providerModel the provider's own name for it; the id where absent
  /// @param inputUsdPerMtok USD per million tokens; absent means unpriced
  public record ModelSettings(
      String id,
      @Nullable String providerModel,
      @Nullable Price inputUsdPerMtok,
      @Nullable Price outputUsdPerMtok,
      @Nullable Price cachedInputUsdPerMtok,
      @Nullable Integer contextTokens,
      @Nullable Integer maxOutputTokens,
      @Nullable Boolean free,
      @Nullable Boolean tools,
      @Nullable Boolean structuredOutput) {

    public ModelSettings {
      if (id.isBlank()) {
        throw new IllegalArgumentException("the id of a model must not be empty");
      }
      refuseNegative("context_tokens", contextTokens);
      refuseNegative("max_output_tokens", maxOutputTokens);
    }

    private static void refuseNegative(String key, @Nullable Integer count) {
      if (count != null && count < 0) {
        throw new IllegalArgumentException(key + " cannot be " + count + "; 0 means unknown");
      }
    }
  }

  /// Offers beyond those of the product's own data.
  ///
  /// @param files CSV files in the columns of the built-in `offers.csv`
  /// @param disabled offers to switch off, each `{provider}:{model}`
  /// @param free offers that cost nothing, each `{provider}:{model}`
  public record OfferSettings(List<Path> files, List<String> disabled, List<String> free) {

    public OfferSettings {
      files = List.copyOf(files);
      disabled = List.copyOf(disabled);
      free = List.copyOf(free);
    }

    public static OfferSettings defaults() {
      return new OfferSettings(List.of(), List.of(), List.of());
    }
  }

  /// How a model name without a suffix is routed.
  public record RoutingSettings(@JsonProperty("default") DefaultPolicy policy) {

    public static RoutingSettings defaults() {
      return new RoutingSettings(DefaultPolicy.FASTEST);
    }
  }
}
