package faregate.operator;

import faregate.catalog.Catalog;
import faregate.catalog.Offer;
import faregate.store.Database;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/// What concerns the whole installation: backup, the list of models, reading the configuration
/// again.
final class HouseOperations {
  private final Database database;
  private final Catalog catalog;
  private final Runnable reload;

  /// @param reload reads configuration and catalogue again
  HouseOperations(Database database, Catalog catalog, Runnable reload) {
    this.database = database;
    this.catalog = catalog;
    this.reload = reload;
  }

  record BackedUp(String file, long bytes) {}

  record Listed(String model, String provider, String task, String status) {}

  record Reloaded(int models, long live) {}

  void addTo(Operations operations) {
    operations
        .add("backup", this::backup)
        .add("models", this::models)
        .add("reload", _ -> reloaded());
  }

  private Object backup(Arguments arguments) {
    Path file = Path.of(arguments.text("file")).toAbsolutePath().normalize();
    if (Files.exists(file)) {
      throw Refusal.badInput(file + " exists. Name a file that does not.");
    }
    if (!Files.isDirectory(Objects.requireNonNullElse(file.getParent(), file))) {
      throw Refusal.badInput("There is no folder " + file.getParent() + ". Make it first.");
    }
    try {
      database.backup(file);
      return new BackedUp(file.toString(), Files.size(file));
    } catch (UnsupportedOperationException e) {
      throw Refusal.notPossible("No backup was written: " + e.getMessage() + ".");
    } catch (IOException | UncheckedIOException e) {
      throw Refusal.notPossible("The backup to " + file + " failed: " + e.getMessage() + ".");
    }
  }

  private Object models(Arguments arguments) {
    boolean liveOnly = arguments.flag("live");
    List<Listed> list = new ArrayList<>();
    for (List<Offer> offers : catalog.current().models().values()) {
      for (Offer offer : offers) {
        if (offer.isLive() || !liveOnly) {
          list.add(new Listed(offer.model(), offer.provider(), offer.task(), status(offer)));
        }
      }
    }
    return list;
  }

  private static String status(Offer offer) {
    return offer.isLive() && offer.tariff() == null
        ? "unpriced"
        : offer.state().name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private Object reloaded() {
    reload.run();
    var models = catalog.current().models();
    long live =
        models.values().stream().filter(list -> list.stream().anyMatch(Offer::isLive)).count();
    return new Reloaded(models.size(), live);
  }
}
