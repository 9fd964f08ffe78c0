package faregate.catalog;

import faregate.catalog.CatalogSettings.OfferSettings;
import faregate.catalog.ProviderTable.Known;
import faregate.id.OfferId;
import faregate.kit.Environment;
import faregate.kit.SettingsException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One reading of all data files and settings, and the snapshot that follows from it.
///
/// Offers stand in this order: the sandbox's, the operator's (by provider, then by file), the
/// built-in ones, what providers told of themselves. The operator's word about an offer replaces
/// the built-in one, and that comes before what a provider tells, which has no prices.
final class Assembly {
  private static final Logger LOG = LoggerFactory.getLogger(Assembly.class);

  private final CatalogSettings settings;
  private final Map<String, Known> known = ProviderTable.builtIn();
  private final List<Listing> operatorsRows;
  private final Map<String, Provider> providers = new LinkedHashMap<>();
  private final Map<OfferId, Listing> listings = new LinkedHashMap<>();
  private final Set<OfferId> settled = new HashSet<>();

  /// @throws SettingsException when a file or a setting cannot be used
  Assembly(Environment environment, CatalogSettings settings) {
    this(environment, settings, read(settings.offers().files()));
  }

  /// The same of rows that were read before.
  Assembly(Environment environment, CatalogSettings settings, List<Listing> operatorsRows) {
    this.operatorsRows = operatorsRows;
    this.settings = settings;
    known.forEach((slug, each) -> providers.put(slug, each.provider()));
    settings
        .providers()
        .forEach(
            (slug, said) ->
                providers.put(slug, ProviderChange.apply(slug, providers.get(slug), said)));
    providers.replaceAll((_, provider) -> ProviderChange.withKey(provider, environment));
    OfferTable.builtIn("sandbox.csv").forEach(this::add);
    settings.providers().forEach(this::addModels);
    operatorsRows.forEach(this::addOfOperator);
  }

  private static List<Listing> read(List<Path> files) {
    return files.stream().flatMap(file -> OfferTable.file(file).stream()).toList();
  }

  /// What the operator's own files said.
  List<Listing> operatorsRows() {
    return operatorsRows;
  }

  /// The reachable providers that are to be asked for their models.
  List<Provider> toDiscover() {
    return providers.values().stream()
        .filter(Provider::isReachable)
        .filter(provider -> isEnabled(provider.slug()) && isToAsk(provider.slug()))
        .toList();
  }

  /// @param discovered the models that providers told of
  Snapshot snapshot(Map<Catalog.Asked, List<String>> discovered) {
    OfferTable.builtIn("offers.csv").forEach(this::add);
    discovered.forEach((asked, models) -> addDiscovered(asked.slug(), models));
    OfferSettings offers = settings.offers();
    Set<String> told = telling(discovered);
    Collection<OfferId> disabled = named(offers.disabled(), "offers.disabled", told);
    Collection<OfferId> free = named(offers.free(), "offers.free", told);
    List<Offer> all = new ArrayList<>(listings.size());
    for (Listing listing : listings.values()) {
      boolean isFree = free.contains(listing.id()) || isFree(listing.id());
      Listing priced = isFree ? listing.withTariff(Price.free()) : listing;
      all.add(priced.offer(state(listing, disabled), isAuthor(listing)));
    }
    return new Snapshot(all, providers.values(), settings.routing().policy());
  }

  private void add(Listing listing) {
    if (!providers.containsKey(listing.id().provider())) {
      throw new SettingsException(
          "The offer %s names a provider that is not known. Give providers.%s.base_url."
              .formatted(listing.id(), listing.id().provider()));
    }
    listings.putIfAbsent(listing.id(), listing);
  }

  private void addOfOperator(Listing listing) {
    if (!settled.add(listing.id())) {
      throw new SettingsException(
          "The offer " + listing.id() + " is configured twice; remove one of them.");
    }
    listings.remove(listing.id());
    add(listing);
  }

  private void addModels(String slug, ProviderSettings said) {
    said.models().forEach(model -> addOfOperator(ModelListing.of(slug, model)));
  }

  private void addDiscovered(String slug, List<String> models) {
    Set<String> listed = new HashSet<>();
    for (Listing listing : listings.values()) {
      if (listing.id().provider().equals(slug)) {
        listed.add(listing.id().providerModel());
      }
    }
    for (String model : models) {
      if (listed.add(model)) {
        add(ModelListing.discovered(slug, model));
      }
    }
  }

  private boolean isToAsk(String slug) {
    ProviderSettings said = settings.providers().get(slug);
    if (said == null) {
      return false;
    }
    boolean isOpen = !known.containsKey(slug) || Boolean.TRUE.equals(said.free());
    return said.discover() == null ? isOpen && said.models().isEmpty() : said.discover();
  }

  private Offer.State state(Listing listing, Collection<OfferId> disabled) {
    String slug = listing.id().provider();
    if (listing.deprecated()) {
      return Offer.State.DEPRECATED;
    }
    if (disabled.contains(listing.id()) || !isEnabled(slug)) {
      return Offer.State.DISABLED;
    }
    Provider provider = providers.get(slug);
    return provider != null && provider.isReachable() ? Offer.State.LIVE : Offer.State.NO_KEY;
  }

  private boolean isEnabled(String slug) {
    ProviderSettings said = settings.providers().get(slug);
    return said == null || !Boolean.FALSE.equals(said.enabled());
  }

  private boolean isFree(OfferId id) {
    ProviderSettings said = settings.providers().get(id.provider());
    return said != null && Boolean.TRUE.equals(said.free());
  }

  private boolean isAuthor(Listing listing) {
    Known provider = known.get(listing.id().provider());
    String org = listing.model().substring(0, listing.model().indexOf('/'));
    return provider != null && provider.orgs().contains(org);
  }

  /// The providers that told at least one model.
  private static Set<String> telling(Map<Catalog.Asked, List<String>> discovered) {
    Set<String> slugs = new HashSet<>();
    discovered.forEach(
        (asked, models) -> {
          if (!models.isEmpty()) {
            slugs.add(asked.slug());
          }
        });
    return slugs;
  }

  /// Reads `{provider}:{model}`, by our name for the model or by the provider's.
  ///
  /// @param telling providers that told their models
  private Set<OfferId> named(List<String> names, String where, Set<String> telling) {
    Set<OfferId> ids = new HashSet<>();
    for (String name : names) {
      int before = ids.size();
      for (Listing listing : listings.values()) {
        boolean isNamed =
            name.equals(listing.id().toString())
                || name.equals(listing.id().provider() + ":" + listing.model());
        if (isNamed) {
          ids.add(listing.id());
        }
      }
      if (ids.size() == before) {
        miss(name, where, telling);
      }
    }
    return ids;
  }

  /// What a provider runs that tells its models itself is not ours to know: it may be away, or not
  /// be asked by a command, and a model may come back. So the word stands until there is one.
  private void miss(String name, String where, Set<String> telling) {
    String slug = name.substring(0, Math.max(0, name.indexOf(':')));
    if (!isToAsk(slug)) {
      throw new SettingsException(
          "%s: there is no offer '%s'. Write {provider}:{model}, such as groq:openai/gpt-oss-120b."
              .formatted(where, name));
    }
    if (telling.contains(slug)) {
      LOG.warn(
          "{}: '{}' is none of the models that {} tells of at the moment; it holds from when it is",
          where,
          name,
          slug);
    }
  }
}
