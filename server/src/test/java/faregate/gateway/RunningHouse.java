package faregate.gateway;

import static org.awaitility.Awaitility.await;

import faregate.catalog.Catalog;
import faregate.catalog.CatalogSettings;
import faregate.catalog.Discoverer;
import faregate.health.Health;
import faregate.http.Routes;
import faregate.http.Server;
import faregate.http.ServerSettings;
import faregate.http.Upstream;
import faregate.http.UpstreamSettings;
import faregate.id.CallId;
import faregate.id.TokenId;
import faregate.id.WalletId;
import faregate.identity.Identities;
import faregate.identity.NewToken;
import faregate.identity.Outcome;
import faregate.identity.Tier;
import faregate.identity.TierSettings;
import faregate.identity.Token;
import faregate.identity.TokenRequest;
import faregate.identity.User;
import faregate.kit.Clock;
import faregate.kit.Environment;
import faregate.kit.RandomSource;
import faregate.kit.Settings;
import faregate.ledger.Ending;
import faregate.ledger.GrantCommand;
import faregate.ledger.GrantOutcome;
import faregate.ledger.LedgerReads;
import faregate.ledger.LedgerSettings;
import faregate.ledger.LedgerWatch;
import faregate.ledger.LotKind;
import faregate.ledger.Reply;
import faregate.ledger.SqlLedger;
import faregate.limit.RateLimits;
import faregate.limit.RateRule;
import faregate.money.Nanos;
import faregate.reconcile.BillingClient;
import faregate.reconcile.LateBills;
import faregate.reconcile.ReconcileSettings;
import faregate.routing.Again;
import faregate.routing.Router;
import faregate.sandbox.BillEntry;
import faregate.sandbox.Sandbox;
import faregate.sandbox.SandboxModel;
import faregate.sandbox.SandboxPrices;
import faregate.sandbox.SandboxSettings;
import faregate.secret.Keyset;
import faregate.secret.ProviderKeys;
import faregate.store.Database;
import faregate.store.PostgresServers;
import faregate.store.PostgresSettings;
import faregate.store.Presence;
import faregate.usage.FactsCodec;
import faregate.usage.Usage;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/// The house without its command line: real ledger on a file, real server, real sandboxes as
/// providers, all on loopback. For tests that go in by the door.
///
/// Providers are `one`, `two` and `three`, each a sandbox of its own with a bill of its own;
/// `three` bills an answer in full although the client left. All offer the models `test/m0`,
/// `test/m1`… at $1 and $10 per million tokens, so that each test can take one whose health nobody
/// has touched.
final class RunningHouse implements AutoCloseable {
  /// The key that every provider is called with.
  static final String PROVIDER_KEY = "sk-marker-of-a-provider-key";

  private static final int MODELS = 150;
  private static final SandboxModel MODEL =
      new SandboxModel("m", 30, 0, 1, 65_536, 16_384, 1_000, 10_000);

  /// Plays `test/metered`, whose prices stand in the file of offers too.
  private static final SandboxModel METERED =
      new SandboxModel("metered", 30, 0, 1, 65_536, 16_384, 0, 0)
          .withPrices(
              new SandboxPrices(1_000, 100, 1_250, 10_000, 12_000),
              2_000,
              new SandboxPrices(2_000, 200, 2_500, 15_000, 18_000));

  private static final String OFFERS =
      """
      model,provider,provider_model,input_usd_per_mtok,cached_input_usd_per_mtok,cache_write_usd_per_mtok,output_usd_per_mtok,reasoning_usd_per_mtok,tiers,context_tokens,max_output_tokens
      test/metered,one,metered,1,0.1,1.25,10,12,2000 input=2 cached_input=0.2 cache_write=2.5 output=15 reasoning=18,65536,16384
      test/unpriced,one,unpriced,1,0.1,1.25,,12,,65536,16384
      """;

  private final Path file;
  private final Vertx vertx = Vertx.vertx();
  private final List<Sandbox> sandboxes = new ArrayList<>();
  private final Database database;
  private final SqlLedger ledger;
  private final Identities identities;
  private final Usage usage;
  private final Server server;
  private final Catalog catalog;
  private final Upstream upstream;
  private final ProviderKeys providerKeys;
  private final Health health = new Health(Clock.system());
  private volatile RateRule.Table rates = new RateRule.Table(List.of());
  private volatile TierSettings tiers = TierSettings.standard();
  private String configured = "";
  private int grants;

  /// @param file of the database
  /// @param calls the bounds of a call
  RunningHouse(Path file, CallSettings calls) throws Exception {
    this(file, calls, settings -> settings);
  }

  /// @param listening changes how the server listens
  RunningHouse(Path file, CallSettings calls, UnaryOperator<ServerSettings> listening)
      throws Exception {
    this(file, calls, listening, Meters.NONE, Clock.system());
  }

  /// @param meters what the gateway measures with
  /// @param clock what the gateway reads
  RunningHouse(
      Path file,
      CallSettings calls,
      UnaryOperator<ServerSettings> listening,
      Meters meters,
      Clock clock)
      throws Exception {
    this(file, calls, listening, meters, clock, Clock.system());
  }

  /// @param providers further ones, as lines below `providers:`
  RunningHouse(Path file, CallSettings calls, String providers) throws Exception {
    this(
        file,
        Books.open(file, Clock.system()),
        calls,
        settings -> settings,
        Meters.NONE,
        Clock.system(),
        providers);
  }

  /// A node beside others on a shared database.
  ///
  /// @param folder for what it does not share
  static RunningHouse on(PostgresSettings settings, Path folder, CallSettings calls)
      throws Exception {
    Database database = PostgresServers.open(settings);
    Books books = new Books(database, SqlLedger.open(database, Clock.system()));
    return plain(folder.resolve("node"), books, calls);
  }

  /// With other bounds of what waits for the ledger.
  static RunningHouse bounded(Path file, CallSettings calls, LedgerSettings bounds)
      throws Exception {
    Database database = Database.openSqlite(file, Clock.system());
    SqlLedger ledger =
        SqlLedger.open(database, Clock.system(), RandomSource.secure(), bounds, LedgerWatch.NONE);
    return plain(file, new Books(database, ledger), calls);
  }

  /// A node of which others may have ended the calls.
  ///
  /// @param presence whether it may do anything
  /// @param providers further ones, as lines below `providers:`
  static RunningHouse present(Path file, CallSettings calls, Presence presence, String providers)
      throws Exception {
    Books plain = Books.open(file, Clock.system());
    Books books = new Books(plain.database(), plain.ledger(), presence);
    return new RunningHouse(
        file, books, calls, settings -> settings, Meters.NONE, Clock.system(), providers);
  }

  private static RunningHouse plain(Path file, Books books, CallSettings calls) throws Exception {
    return new RunningHouse(
        file, books, calls, settings -> settings, Meters.NONE, Clock.system(), "");
  }

  private record Books(Database database, SqlLedger ledger, Presence presence) {
    Books(Database database, SqlLedger ledger) {
      this(database, ledger, database.presence());
    }

    static Books open(Path file, Clock clock) {
      Database database = Database.openSqlite(file, clock);
      return new Books(database, SqlLedger.open(database, clock));
    }
  }

  /// @param ledgerClock what tells months and deadlines
  RunningHouse(
      Path file,
      CallSettings calls,
      UnaryOperator<ServerSettings> listening,
      Meters meters,
      Clock clock,
      Clock ledgerClock)
      throws Exception {
    this(file, Books.open(file, ledgerClock), calls, listening, meters, clock, "");
  }

  private RunningHouse(
      Path file,
      Books books,
      CallSettings calls,
      UnaryOperator<ServerSettings> listening,
      Meters meters,
      Clock clock,
      String providers)
      throws Exception {
    this.file = file;
    database = books.database();
    ledger = books.ledger();
    usage = new Usage(database, LedgerRows.of(ledger));
    identities = new Identities(database, RandomSource.secure(), Clock.system());
    providerKeys =
        new ProviderKeys(
            database,
            Keyset.in(Objects.requireNonNull(file.getParent()), Environment.of(Map.of()), false),
            Clock.system());
    providerKeys.open();
    catalog = new Catalog(Environment.of(Map.of()), Discoverer.none());
    catalog.reload(catalogSettings(providers));
    Router router = new Router(health, Clock.system(), RandomSource.secure());
    Allowance allowance = new Allowance(ledger, () -> tiers, new MonthSpending(ledger, usage));
    upstream = new Upstream(vertx, UpstreamSettings.standard(), Clock.system());
    Rooms rooms =
        new Rooms(
            ledger,
            ledger::repeated,
            allowance,
            catalog,
            providerKeys,
            router,
            new Again(health),
            new Rates(new RateLimits(database, ledger::nowMicros), () -> rates),
            health,
            upstream,
            meters,
            clock,
            () -> calls,
            books.presence());
    Routes routes = new Routes();
    new Front(identities, rooms).addTo(routes);
    server =
        wait(
            Server.start(
                vertx,
                listening.apply(ServerSettings.on("127.0.0.1", 0)),
                routes,
                () -> new CallId(database.ids().next())));
  }

  private CatalogSettings catalogSettings(String providers) throws Exception {
    StringBuilder yaml = new StringBuilder("providers:\n" + providers);
    for (String name : List.of("one", "two", "three")) {
      boolean bills = name.equals("three");
      Sandbox sandbox =
          wait(
              Sandbox.start(
                  vertx,
                  SandboxSettings.standIn()
                      .withModels(List.of(MODEL, METERED))
                      .withBillOnCancel(bills)));
      sandboxes.add(sandbox);
      yaml.append("  %s:\n    base_url: %s\n".formatted(name, sandbox.baseUrl()));
      yaml.append("    key: %s\n".formatted(PROVIDER_KEY));
      yaml.append("    billing_url: /sandbox/billing\n");
      yaml.append("    bills_on_cancel: %s\n    models:\n".formatted(bills));
      for (int model = 0; model < MODELS; model++) {
        yaml.append("      - {id: test/m%d, provider_model: m%d, ".formatted(model, model));
        yaml.append("input_usd_per_mtok: 1, output_usd_per_mtok: 10, context_tokens: 65536, ");
        yaml.append("max_output_tokens: 16384}\n");
      }
    }
    Path offers = Files.writeString(Path.of(file + ".offers.csv"), OFFERS);
    yaml.append("offers:\n  files: [%s]\n".formatted(offers));
    configured = yaml.toString();
    return settings(configured);
  }

  private static CatalogSettings settings(String yaml) {
    return Settings.read(CatalogSettings.class, "test", yaml, Environment.of(Map.of()));
  }

  /// Changes what a model's answers cost at all providers, as a reload does.
  ///
  /// @param providerModel such as `m0`
  void reprice(String providerModel, int outputUsdPerMillion) {
    String line = "provider_model: " + providerModel + ", input_usd_per_mtok: 1, ";
    configured =
        configured.replaceAll(
            line + "output_usd_per_mtok: [0-9]+",
            line + "output_usd_per_mtok: " + outputUsdPerMillion);
    catalog.reload(settings(configured));
  }

  private static <T> T wait(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  int port() {
    return server.port();
  }

  SqlLedger ledger() {
    return ledger;
  }

  Database database() {
    return database;
  }

  Identities identities() {
    return identities;
  }

  /// What tiers are worth, from now on.
  void tiers(TierSettings others) {
    tiers = others;
  }

  /// Bounds calls, from now on.
  void bound(RateRule... rules) {
    rates = new RateRule.Table(List.of(rules));
  }

  ProviderKeys providerKeys() {
    return providerKeys;
  }

  /// A user with a token, and the free tier's dime.
  Guest guest(String name) {
    return guest(name, Tier.FREE);
  }

  Guest guest(String name, Tier tier) {
    User user = done(identities.createUser(name, tier));
    return new Guest(token(TokenRequest.of(name)).secret().reveal(), user.wallet());
  }

  NewToken token(TokenRequest request) {
    return done(identities.createToken(request));
  }

  void revoke(TokenId token) {
    done(identities.revokeToken(token));
  }

  /// Another token of a user.
  String token(String user, Set<String> permissions) {
    TokenRequest request = new TokenRequest(user, permissions, Token.NEVER, "", false);
    return done(identities.createToken(request)).secret().reveal();
  }

  record Guest(String token, WalletId wallet) {}

  static <T> T done(Outcome<T> outcome) {
    return switch (outcome) {
      case Outcome.Done<T> done -> done.value();
      case Outcome.Refused<T> refused -> throw new IllegalStateException(refused.message());
      case Outcome.Malformed<T> bad -> throw new IllegalStateException(bad.message());
    };
  }

  void grant(Guest guest, String usd) throws Exception {
    CompletableFuture<GrantOutcome> done = new CompletableFuture<>();
    ledger.grant(
        new GrantCommand(
            guest.wallet(),
            LotKind.PURCHASED,
            Nanos.ofUsd(usd),
            0,
            Long.MAX_VALUE,
            "test:" + grants++,
            "test"),
        Reply.future(done));
    done.get(10, TimeUnit.SECONDS);
  }

  Nanos posted(Guest guest) {
    return ledger.lots(guest.wallet()).stream()
        .map(LedgerReads.Lot::posted)
        .reduce(Nanos.ZERO, Nanos::plus);
  }

  Nanos pending(Guest guest) {
    return ledger.lots(guest.wallet()).stream()
        .map(LedgerReads.Lot::pending)
        .reduce(Nanos.ZERO, Nanos::plus);
  }

  /// A call that has ended.
  LedgerReads.Call ended(CallId id) {
    await().until(() -> ledger.call(id).filter(call -> call.ended() != null).isPresent());
    return ledger.call(id).orElseThrow();
  }

  /// How a call ended.
  Ending ending(CallId id) {
    return Objects.requireNonNull(ended(id).ended());
  }

  /// What the provider that served a call says of it in its own book, once it has ended there too.
  BillEntry bill(CallId id) {
    String served = FactsCodec.decode(ended(id).facts()).providerRequestId();
    await().until(() -> find(served).state() != BillEntry.State.RUNNING);
    return find(served);
  }

  private BillEntry find(String providerRequestId) {
    return sandboxes.stream()
        .map(sandbox -> sandbox.bill().find(providerRequestId))
        .filter(Objects::nonNull)
        .findFirst()
        .orElseThrow();
  }

  /// The only call that a model of these providers was asked for.
  ///
  /// @param providerModel such as `m0`
  BillEntry onlyCall(String providerModel) {
    List<BillEntry> calls =
        sandboxes.stream()
            .flatMap(sandbox -> sandbox.bill().all().stream())
            .filter(entry -> entry.model().equals(providerModel))
            .toList();
    if (calls.size() != 1) {
      throw new IllegalStateException(providerModel + " was called " + calls.size() + " times");
    }
    return calls.getFirst();
  }

  /// Where the first provider can be called without the gateway.
  int providerPort() {
    return sandboxes.getFirst().port();
  }

  /// How many calls the providers have seen.
  long callsSeen() {
    return sandboxes.stream().mapToLong(sandbox -> sandbox.bill().all().size()).sum();
  }

  /// What is recorded as the operator's loss or exposure for a call, in nano-USD.
  long incident(CallId id, String kind) {
    return database.read(
        handle ->
            handle
                .createQuery(
                    "SELECT coalesce(sum(amount), 0) FROM incident WHERE call = :call AND kind ="
                        + " :kind")
                .bind("call", id.value())
                .bind("kind", kind)
                .mapTo(Long.class)
                .one());
  }

  /// Who asks the providers for their bills; it does nothing by itself.
  LateBills lateBills() {
    return new LateBills(
        database,
        ledger,
        ledger,
        new BillingClient(vertx, upstream, Duration.ofSeconds(5)),
        catalog::current,
        () -> new ReconcileSettings(Duration.ofMillis(100), Duration.ofHours(1)),
        RandomSource.secure());
  }

  /// The whole book of the provider `one`.
  List<BillEntry> providerBill() {
    return sandboxes.getFirst().bill().all();
  }

  /// How often a late bill was posted for a call.
  long adjustments(CallId id) {
    return number("SELECT count(*) FROM transfer WHERE call = :call", id);
  }

  /// How often a provider was asked about a call in vain.
  long asked(CallId id) {
    return number("SELECT asked FROM reconcile_call WHERE call = :call", id);
  }

  private long number(String sql, CallId id) {
    return database.read(
        handle -> handle.createQuery(sql).bind("call", id.value()).mapTo(Long.class).one());
  }

  /// Makes every write wait, as a slow disk would, until it is closed.
  AutoCloseable blockTheDatabase() throws SQLException {
    Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
    try (Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA busy_timeout = 10000");
      statement.execute("BEGIN IMMEDIATE");
    }
    return connection;
  }

  @Override
  public void close() throws Exception {
    wait(server.drain(Duration.ofSeconds(5)));
    usage.close();
    identities.close();
    ledger.close();
    database.close();
    wait(vertx.close());
  }
}
