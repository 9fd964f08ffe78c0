package faregate.catalog;

import faregate.kit.Environment;
import faregate.kit.SettingsException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The catalogue as it stands, and its replacement by the next.
///
/// Readers take [#current()] once per request: a reload never changes a call in flight.
public final class Catalog {
  private final Environment environment;
  private final Discoverer discoverer;
  private final List<Consumer<Snapshot>> listeners = new CopyOnWriteArrayList<>();
  private Map<Asked, List<String>> discovered = Map.of();
  private @Nullable CatalogSettings settings;
  private List<Listing> operatorsRows = List.of();
  private volatile List<Provider> silent = List.of();
  private volatile Snapshot current = new Snapshot(List.of(), List.of());

  /// A provider that was asked for its models, where it then was.
  record Asked(String slug, String baseUrl) {}

  /// An empty catalogue, until the first reload.
  ///
  /// @param environment where the providers' keys are
  /// @param discoverer asks providers what they run
  public Catalog(Environment environment, Discoverer discoverer) {
    this.environment = environment;
    this.discoverer = discoverer;
  }

  public Snapshot current() {
    return current;
  }

  /// Tells each snapshot that comes, on the thread that reloads.
  public void onChange(Consumer<Snapshot> listener) {
    listeners.add(listener);
  }

  /// Reads the data files and the settings again, asks providers for their models, and replaces the
  /// current snapshot at once. Blocks; not for an event loop.
  ///
  /// @throws SettingsException when something cannot be used; the current snapshot stays then
  public synchronized void reload(CatalogSettings settings) {
    Assembly assembly = new Assembly(environment, settings);
    List<Provider> asked = assembly.toDiscover();
    Map<String, List<String>> told = discoverer.discover(asked);
    show(assembly, remembered(asked, told), asked, told);
    this.settings = settings;
    operatorsRows = assembly.operatorsRows();
  }

  /// The providers that were asked for their models and have not told them.
  public List<String> silent() {
    return silent.stream().map(Provider::slug).toList();
  }

  /// Asks those once more that did not tell their models, and offers what they tell now. All else
  /// is as it was read last. Blocks; not for an event loop.
  public synchronized void askAgain() {
    CatalogSettings last = settings;
    List<Provider> asked = silent;
    if (last == null || asked.isEmpty()) {
      return;
    }
    Map<String, List<String>> told = discoverer.discover(asked);
    if (!told.isEmpty()) {
      Assembly assembly = new Assembly(environment, last, operatorsRows);
      show(assembly, remembered(assembly.toDiscover(), told), asked, told);
    }
  }

  /// @param models to be offered, also of those that did not answer now
  private void show(
      Assembly assembly,
      Map<Asked, List<String>> models,
      List<Provider> asked,
      Map<String, List<String>> told) {
    Snapshot next = assembly.snapshot(models);
    discovered = models;
    silent = asked.stream().filter(provider -> !told.containsKey(provider.slug())).toList();
    current = next;
    listeners.forEach(listener -> listener.accept(next));
  }

  /// What providers told now, and what those that did not answer told the last time.
  private Map<Asked, List<String>> remembered(
      List<Provider> providers, Map<String, List<String>> told) {
    Map<Asked, List<String>> models = new LinkedHashMap<>();
    for (Provider provider : providers) {
      Asked asked = new Asked(provider.slug(), String.valueOf(provider.baseUrl()));
      List<String> last = discovered.getOrDefault(asked, List.of());
      models.put(asked, told.getOrDefault(provider.slug(), last));
    }
    return models;
  }
}
