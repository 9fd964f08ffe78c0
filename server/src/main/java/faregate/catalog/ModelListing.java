package faregate.catalog;

import faregate.catalog.CatalogSettings.ModelSettings;
import faregate.id.OfferId;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;

/// Offers that stand in no table: those of the configuration, and those that a provider told of.
final class ModelListing {
  private ModelListing() {}

  static Listing of(String slug, ModelSettings said) {
    return new Listing(
        new OfferId(slug, Objects.requireNonNullElse(said.providerModel(), said.id())),
        model(slug, said.id()),
        Listing.CHAT,
        Price.tariff(
            said.inputUsdPerMtok(),
            said.outputUsdPerMtok(),
            said.cachedInputUsdPerMtok(),
            true,
            Boolean.TRUE.equals(said.free())),
        Objects.requireNonNullElse(said.contextTokens(), 0),
        Objects.requireNonNullElse(said.maxOutputTokens(), 0),
        OptionalInt.empty(),
        said.tools(),
        said.structuredOutput(),
        false,
        Set.of(),
        Set.of("text"),
        false);
  }

  /// A model of which nothing is known but its name: unpriced until the operator says more.
  static Listing discovered(String slug, String providerModel) {
    return of(
        slug,
        new ModelSettings(providerModel, null, null, null, null, null, null, null, null, null));
  }

  /// Models are named `{org}/{name}`; what has no organization, such as the path of a file, gets
  /// its provider's slug.
  private static String model(String slug, String id) {
    return id.indexOf('/') > 0 ? id : slug + "/" + id.replaceFirst("^/+", "");
  }
}
