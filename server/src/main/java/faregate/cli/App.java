package faregate.cli;

import faregate.catalog.Catalog;
import faregate.catalog.CatalogSettings;
import faregate.catalog.Discoverer;
import faregate.catalog.Provider;
import faregate.gateway.Allowance;
import faregate.gateway.MonthSpending;
import faregate.kit.Clock;
import faregate.kit.NearNames;
import faregate.kit.RandomSource;
import faregate.kit.SettingsException;
import faregate.ledger.LedgerWatch;
import faregate.limit.RateRule;
import faregate.operator.Operations;
import faregate.operator.Purse;
import faregate.operator.Refusal;
import faregate.secret.Keyset;
import faregate.secret.ProviderKeys;
import java.util.List;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The house without its network: what a command needs that opens the database itself, and what a
/// server stands on.
final class App implements AutoCloseable {
  /// The built-in provider that a server brings along.
  static final String SANDBOX = "sandbox";

  /// What nodes tell each other to read again.
  private static final String CONFIGURATION = "configuration";

  private static final Logger LOG = LoggerFactory.getLogger(App.class);
  private static final String NO_PORT_YET = "http://127.0.0.1/v1";

  private final Folder folder;
  private final Common common;
  private final UnaryOperator<CatalogSettings> local;
  private final Books books;
  private final Catalog catalog;
  private final Allowance allowance;
  private final Purse purse;
  private final ProviderKeys providerKeys;
  private final Operations operations;
  private volatile Config config;
  private volatile RateRule.Table rates;

  /// @param catalog loaded
  /// @param local adds to the operator's settings what is only known at run time, at each reload
  App(
      Folder folder,
      Config config,
      Common common,
      Books books,
      Catalog catalog,
      UnaryOperator<CatalogSettings> local) {
    this.folder = folder;
    this.config = config;
    this.common = common;
    this.local = local;
    this.books = books;
    this.catalog = catalog;
    this.rates = rates(config);
    this.allowance =
        new Allowance(
            books.ledger(),
            () -> this.config.tiers().settings(),
            new MonthSpending(books.ledger(), books.usage()));
    this.purse = new Purse(books.ledger(), books.ledger(), allowance);
    this.providerKeys =
        new ProviderKeys(
            books.database(),
            Keyset.in(folder.path(), common.environment(), config.database().url() != null),
            Clock.system());
    this.operations =
        Operations.of(
            books.database(),
            catalog,
            books.identities(),
            books.ledger(),
            books.ledger(),
            books.usage(),
            providerKeys,
            purse,
            Clock.system(),
            RandomSource.secure(),
            this::reloadEverywhere);
    books.database().follow(CONFIGURATION, this::reloadQuietly);
  }

  /// For a command that found no server running. The sandbox has no port then; it is listed as a
  /// server would list it.
  static App offline(Folder folder, Config config, Common common) {
    UnaryOperator<CatalogSettings> local = said -> said.withBaseUrl(SANDBOX, NO_PORT_YET);
    Catalog catalog = new Catalog(common.environment(), Discoverer.none());
    catalog.reload(local.apply(config.catalog()));
    Books books = Books.open(folder, config, Footing.REAL, LedgerWatch.NONE);
    return new App(folder, config, common, books, catalog, local);
  }

  /// Reads configuration and catalogue again; when anything is wrong in them, all stays as it was.
  ///
  /// @throws Refusal saying what is wrong
  void reload() {
    try {
      Config next = common.config(folder);
      LogSetup.apply(next.log());
      try {
        catalog.reload(local.apply(next.catalog()));
        rates = rates(next);
      } catch (SettingsException e) {
        LogSetup.apply(config.log());
        throw e;
      }
      config = next;
    } catch (SettingsException e) {
      throw Refusal.badInput(String.valueOf(e.getMessage()));
    }
  }

  private RateRule.Table rates(Config said) {
    List<String> known = catalog.current().providers().stream().map(Provider::slug).toList();
    for (RateRule rule : said.rateLimits()) {
      if (!known.contains(rule.provider()) && !RateRule.STANDARD.contains(rule)) {
        throw new SettingsException(
            "rate_limits: there is no provider '%s'.%s"
                .formatted(rule.provider(), NearNames.of(rule.provider(), known)));
      }
    }
    return new RateRule.Table(said.rateLimits());
  }

  /// As [#reload], and lets the other nodes on the database do the same.
  ///
  /// @throws Refusal saying what is wrong here; then nobody is told
  private void reloadEverywhere() {
    reload();
    books.database().announce(CONFIGURATION);
  }

  /// Another node was told to reload.
  private void reloadQuietly() {
    try {
      reload();
      LOG.info("reloaded, as another node was told to");
    } catch (Refusal e) {
      LOG.error("not reloaded, all stays as it was: {}", e.getMessage());
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

  /// What bounds calls, as of now.
  RateRule.Table rates() {
    return rates;
  }

  ProviderKeys providerKeys() {
    return providerKeys;
  }

  Operations operations() {
    return operations;
  }

  Folder folder() {
    return folder;
  }

  @Override
  public void close() {
    books.close();
  }
}
