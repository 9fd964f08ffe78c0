package faregate.catalog;

import faregate.id.OfferId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// All that is offered, at one moment. Immutable; readers take it once per request.
public final class Snapshot {
  private final Map<String, List<Offer>> byModel = new LinkedHashMap<>();
  private final Map<OfferId, Offer> byId = new LinkedHashMap<>();
  private final Map<String, Provider> providers = new LinkedHashMap<>();

  private final DefaultPolicy defaultPolicy;

  public Snapshot(Collection<Offer> offers, Collection<Provider> providers) {
    this(offers, providers, DefaultPolicy.FASTEST);
  }

  /// @param defaultPolicy how a model name without a suffix is routed
  public Snapshot(
      Collection<Offer> offers, Collection<Provider> providers, DefaultPolicy defaultPolicy) {
    this.defaultPolicy = defaultPolicy;
    for (Provider provider : providers) {
      this.providers.put(provider.slug(), provider);
    }
    for (Offer offer : offers) {
      byId.put(offer.id(), offer);
      byModel.computeIfAbsent(offer.model(), _ -> new ArrayList<>()).add(offer);
    }
    byModel.replaceAll((_, list) -> List.copyOf(list));
  }

  /// The offers of a model, empty when there is none.
  public List<Offer> offers(String model) {
    return byModel.getOrDefault(model, List.of());
  }

  public @Nullable Offer offer(OfferId id) {
    return byId.get(id);
  }

  public @Nullable Provider provider(String slug) {
    return providers.get(slug);
  }

  public Collection<Provider> providers() {
    return Collections.unmodifiableCollection(providers.values());
  }

  public DefaultPolicy defaultPolicy() {
    return defaultPolicy;
  }

  /// Models in the order they are listed.
  public Map<String, List<Offer>> models() {
    return Collections.unmodifiableMap(byModel);
  }
}
