package faregate.catalog;

import faregate.kit.Environment;
import faregate.kit.SettingsException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/// The catalogue as it stands, and its replacement by the next.
///
/// Readers take [#current()] once per request: a reload never changes a call in flight.
public final class Catalog {
  private final Environment environment;
  private final Discoverer discoverer;
  private final List<Consumer<Snapshot>> listeners = new CopyOnWriteArrayList<>();
  private volatile Snapshot current = new Snapshot(List.of(), List.of());

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
    Map<String, List<String>> discovered = discoverer.discover(assembly.toDiscover());
    Snapshot next = assembly.snapshot(discovered);
    current = next;
    listeners.forEach(listener -> listener.accept(next));
  }
}
