package faregate.bench;

import faregate.catalog.Catalog;
import faregate.catalog.CatalogSettings;
import faregate.catalog.CatalogSettings.OfferSettings;
import faregate.catalog.CatalogSettings.RoutingSettings;
import faregate.catalog.Discoverer;
import faregate.catalog.ProviderSettings;
import faregate.gateway.Allowance;
import faregate.gateway.CallSettings;
import faregate.gateway.Front;
import faregate.gateway.Rates;
import faregate.gateway.Rooms;
import faregate.health.Health;
import faregate.http.EventLoops;
import faregate.http.Routes;
import faregate.http.Server;
import faregate.http.ServerSettings;
import faregate.http.Upstream;
import faregate.http.UpstreamSettings;
import faregate.id.CallId;
import faregate.id.LotId;
import faregate.id.WalletId;
import faregate.identity.Identities;
import faregate.identity.Limit;
import faregate.identity.NewToken;
import faregate.identity.Outcome;
import faregate.identity.Tier;
import faregate.identity.TierSettings;
import faregate.identity.TokenRequest;
import faregate.kit.Clock;
import faregate.kit.Environment;
import faregate.kit.RandomSource;
import faregate.kit.Settings;
import faregate.ledger.Ledger;
import faregate.limit.RateLimits;
import faregate.limit.RateRule;
import faregate.money.Nanos;
import faregate.operator.Metrics;
import faregate.routing.Again;
import faregate.routing.Router;
import faregate.secret.Keyset;
import faregate.secret.ProviderKeys;
import faregate.store.Database;
import faregate.store.Presence;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.function.Predicate;

/// The gateway as it ships, but for its ledger, which is [AlwaysHeld].
///
/// Prints `token SECRET` and `ready URL`, then serves until it is told to end.
final class LedgerOff {
  private static final String USER = "bench";

  private LedgerOff() {}

  /// Of the configuration that the product reads, what concerns the offers.
  record Config(Map<String, ProviderSettings> providers) {}

  /// @param arguments data folder, configuration
  static void main(String[] arguments) throws InterruptedException {
    Clock clock = Clock.system();
    RandomSource random = RandomSource.secure();
    Environment environment = Environment.system();
    Config config = Settings.read(Config.class, Path.of(arguments[1]), environment);
    Database database = Database.openSqlite(Path.of(arguments[0]).resolve("ledger-off.db"), clock);
    Identities identities = new Identities(database, random, clock);
    System.out.println("token " + token(identities));

    ServerSettings server = ServerSettings.on("127.0.0.1", 0);
    Vertx vertx = EventLoops.start(server.loops());
    ProviderKeys keys =
        new ProviderKeys(database, Keyset.in(Path.of(arguments[0]), environment, false), clock);
    Rates rates =
        new Rates(new RateLimits(database, clock::micros), () -> new RateRule.Table(List.of()));
    Rooms rooms = rooms(vertx, catalog(config, environment), keys, rates, clock, random);
    Routes routes = new Routes();
    new Front(identities, rooms).addTo(routes);
    Server serving =
        Server.start(vertx, server, routes, () -> new CallId(database.ids().next())).await();
    System.out.println("ready http://127.0.0.1:" + serving.port());
    new CountDownLatch(1).await();
  }

  private static Rooms rooms(
      Vertx vertx,
      Catalog catalog,
      ProviderKeys keys,
      Rates rates,
      Clock clock,
      RandomSource random) {
    Ledger ledger = new AlwaysHeld(clock);
    Health health = new Health(clock);
    return new Rooms(
        ledger,
        (_, _) -> Optional.empty(),
        new Allowance(ledger, TierSettings::standard, new NothingKnown()),
        catalog,
        keys,
        new Router(health, clock, random),
        new Again(health),
        rates,
        health,
        new Upstream(vertx, UpstreamSettings.standard(), clock),
        new Metrics(),
        clock,
        CallSettings::defaults,
        Presence.ALWAYS);
  }

  private static Catalog catalog(Config config, Environment environment) {
    Catalog catalog = new Catalog(environment, Discoverer.none());
    catalog.reload(
        new CatalogSettings(
            config.providers(), OfferSettings.defaults(), RoutingSettings.defaults()));
    return catalog;
  }

  private static String token(Identities identities) {
    done(identities.createUser(USER, Tier.FREE));
    NewToken token = done(identities.createToken(TokenRequest.of(USER)));
    return token.secret().reveal();
  }

  private static <T> T done(Outcome<T> outcome) {
    return switch (outcome) {
      case Outcome.Done<T>(T value) -> value;
      case Outcome.Refused<T>(String message) -> throw new IllegalStateException(message);
      case Outcome.Malformed<T>(String message) -> throw new IllegalStateException(message);
    };
  }

  /// Nothing was spent, and nothing granted.
  private record NothingKnown() implements Allowance.Known {
    @Override
    public Nanos besideLot(WalletId wallet, Limit limit, long monthStartMicros, LotId lot) {
      return Nanos.ZERO;
    }

    @Override
    public Nanos granted(WalletId wallet, Predicate<String> refs) {
      return Nanos.ZERO;
    }
  }
}
