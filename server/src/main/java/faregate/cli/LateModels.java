package faregate.cli;

import faregate.catalog.Catalog;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Asks providers again that did not tell their models when the catalogue was read: one that is
/// started after this server is offered without a reload.
final class LateModels implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LateModels.class);
  private static final Duration EVERY = Duration.ofSeconds(2);

  /// Some five minutes.
  private static final int PAUSES_MAX = 150;

  private final Catalog catalog;
  private final Rounds rounds = new Rounds("faregate-late-models", this::loop);

  LateModels(Catalog catalog) {
    this.catalog = catalog;
  }

  void start() {
    rounds.start();
  }

  /// Soon at first, then less and less often, until others are silent.
  private void loop() {
    List<String> silent = List.of();
    int pauses = 0;
    int left = 0;
    while (rounds.goesOn(EVERY)) {
      List<String> now = catalog.silent();
      if (!now.equals(silent)) {
        pauses = 0;
        left = 0;
      }
      silent = now;
      if (!now.isEmpty() && --left <= 0) {
        ask();
        pauses = Math.min(PAUSES_MAX, Math.max(1, 2 * pauses));
        left = pauses;
      }
    }
  }

  private void ask() {
    try {
      catalog.askAgain();
    } catch (RuntimeException e) {
      LOG.warn("the catalogue stays as it was: {}", e.getMessage());
    }
  }

  @Override
  public void close() {
    rounds.close();
  }
}
