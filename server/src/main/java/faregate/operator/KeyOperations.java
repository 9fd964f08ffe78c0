package faregate.operator;

import faregate.catalog.Catalog;
import faregate.catalog.Provider;
import faregate.identity.Identities;
import faregate.identity.Payer;
import faregate.kit.NearNames;
import faregate.kit.Secret;
import faregate.kit.SettingsException;
import faregate.secret.ProviderKeys;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/// Keys that users and organizations have of their own for providers.
final class KeyOperations {
  private final Identities identities;
  private final Catalog catalog;
  private final ProviderKeys keys;

  KeyOperations(Identities identities, Catalog catalog, ProviderKeys keys) {
    this.identities = identities;
    this.catalog = catalog;
    this.keys = keys;
  }

  /// @param setAt ISO 8601, UTC
  record Shown(String provider, String setAt) {}

  record Listed(String user, List<Shown> keys) {}

  /// @param had whether there was one
  record Deleted(String user, String provider, boolean had) {}

  void addTo(Operations operations) {
    operations
        .add("key-set", this::set)
        .add("key-list", arguments -> listed(owner(arguments)))
        .add("key-delete", this::delete);
  }

  private Object set(Arguments arguments) {
    Payer owner = owner(arguments);
    String provider = provider(arguments);
    try {
      keys.set(owner.account(), provider, new Secret(arguments.text("key")));
    } catch (IllegalArgumentException e) {
      throw Refusal.badInput("This cannot be the key: " + e.getMessage() + ".");
    } catch (SettingsException e) {
      throw Refusal.notPossible(String.valueOf(e.getMessage()));
    }
    return listed(owner);
  }

  private Object delete(Arguments arguments) {
    Payer owner = owner(arguments);
    String provider = arguments.text("provider");
    return new Deleted(owner.name(), provider, keys.delete(owner.account(), provider));
  }

  private Payer owner(Arguments arguments) {
    return UserOperations.done(identities.organizations().payer(arguments.text("user")));
  }

  private Listed listed(Payer owner) {
    return new Listed(
        owner.name(),
        keys.list(owner.account()).stream()
            .map(
                key ->
                    new Shown(
                        key.provider(),
                        Instant.EPOCH.plus(key.changedMicros(), ChronoUnit.MICROS).toString()))
            .toList());
  }

  private String provider(Arguments arguments) {
    String slug = arguments.text("provider");
    Provider provider = catalog.current().provider(slug);
    if (provider == null) {
      List<String> known = catalog.current().providers().stream().map(Provider::slug).toList();
      throw Refusal.badInput(
          "There is no provider '%s'.%s `faregate models` shows them."
              .formatted(slug, NearNames.of(slug, known)));
    }
    if (!provider.takesOwnKeys()) {
      throw Refusal.badInput(
          provider.baseUrl() == null
              ? "The provider %1$s cannot be reached: give providers.%1$s.base_url in the configuration first."
                  .formatted(slug)
              : "The provider %s takes no key.".formatted(slug));
    }
    return slug;
  }
}
