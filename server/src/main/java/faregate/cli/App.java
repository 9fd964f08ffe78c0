package faregate.cli;

import faregate.catalog.Catalog;
import faregate.catalog.CatalogSettings;
import faregate.catalog.Discoverer;
import faregate.gateway.Allowance;
import faregate.kit.Clock;
import faregate.kit.Environment;
import faregate.kit.RandomSource;
import faregate.kit.SettingsException;
import faregate.ledger.LedgerWatch;
import faregate.operator.Operations;
import faregate.operator.Purse;
import faregate.operator.Refusal;
import java.util.function.UnaryOperator;

/// The house without its network: what a command needs that opens the database itself, and what a
/// server stands on.
final class App implements AutoCloseable {
  private final Folder folder;
  private final Common common;
  private final Clock clock = Clock.system();
  private final RandomSource random = RandomSource.secure();
  private final Books books;
  private final Catalog catalog;
  private final Allowance allowance;
  private final Purse purse;
  private final Operations operations;
  private volatile Config config;
  private volatile UnaryOperator<CatalogSettings> local = UnaryOperator.identity();

  private App(
      Folder folder, Config config, Common common, LedgerWatch watch, Discoverer discoverer) {
    this.folder = folder;
    this.config = config;
    this.common = common;
    Environment environment = common.environment();
    this.books = Books.open(folder, clock, random, watch);
    this.catalog = new Catalog(environment, discoverer);
    this.allowance = new Allowance(books.ledger(), () -> this.config.tiers().settings());
    this.purse = new Purse(books.ledger(), books.ledger(), allowance);
    this.operations =
        Operations.of(
            books.database(),
            catalog,
            books.identities(),
            books.ledger(),
            books.ledger(),
            books.usage(),
            purse,
            clock,
            random,
            this::reload);
  }

  /// For a command that found no server running.
  static App offline(Folder folder, Config config, Common common) {
    App app = new App(folder, config, common, LedgerWatch.NONE, Discoverer.none());
    try {
      app.catalog.reload(config.catalog());
      return app;
    } catch (RuntimeException e) {
      app.close();
      throw e;
    }
  }

  /// For a server, which loads the catalogue itself once its sandbox runs.
  static App serving(
      Folder folder, Config config, Common common, LedgerWatch watch, Discoverer discoverer) {
    return new App(folder, config, common, watch, discoverer);
  }

  /// Loads the catalogue with what is only known at run time, now and at each reload.
  void loadCatalog(UnaryOperator<CatalogSettings> more) {
    local = more;
    catalog.reload(more.apply(config.catalog()));
  }

  /// Reads configuration and catalogue again; when anything is wrong in them, all stays as it was.
  ///
  /// @throws Refusal saying what is wrong
  void reload() {
    try {
      Config next = common.config(folder);
      catalog.reload(local.apply(next.catalog()));
      LogSetup.apply(next.log());
      config = next;
    } catch (SettingsException e) {
      throw Refusal.badInput(String.valueOf(e.getMessage()));
    }
  }

  Config config() {
    return config;
  }

  Books books() {
    return books;
  }

  Catalog catalog() {
    return catalog;
  }

  Allowance allowance() {
    return allowance;
  }

  Purse purse() {
    return purse;
  }

  Operations operations() {
    return operations;
  }

  Clock clock() {
    return clock;
  }

  RandomSource random() {
    return random;
  }

  Folder folder() {
    return folder;
  }

  @Override
  public void close() {
    books.close();
  }
}
