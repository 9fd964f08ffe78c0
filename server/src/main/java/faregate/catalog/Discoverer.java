package faregate.catalog;

import java.util.Collection;
import java.util.List;
import java.util.Map;

/// Asks providers which models they run.
public interface Discoverer {

  /// Asks all of them at once, blocking for a bounded time. It never throws for a provider that
  /// does not answer: it logs that, and leaves the provider out.
  ///
  /// @return the models' own ids by provider slug, for those that answered
  Map<String, List<String>> discover(Collection<Provider> providers);

  /// Asks nobody.
  static Discoverer none() {
    return _ -> Map.of();
  }
}
