package faregate.cli;

import faregate.catalog.Catalog;
import faregate.catalog.CatalogSettings;
import faregate.catalog.Provider;
import faregate.gateway.Front;
import faregate.gateway.Models;
import faregate.gateway.Rates;
import faregate.gateway.Rooms;
import faregate.health.Health;
import faregate.http.EventLoops;
import faregate.http.Routes;
import faregate.http.Server;
import faregate.http.ServerSettings;
import faregate.http.Upstream;
import faregate.http.UpstreamSettings;
import faregate.hub.HubRooms;
import faregate.hub.HubRoutes;
import faregate.id.CallId;
import faregate.kit.Clock;
import faregate.kit.RandomSource;
import faregate.kit.SettingsException;
import faregate.limit.RateLimits;
import faregate.operator.Credential;
import faregate.operator.Metrics;
import faregate.operator.OperatorRoutes;
import faregate.operator.Readiness;
import faregate.provider.Discovery;
import faregate.reconcile.BillingClient;
import faregate.reconcile.LateBills;
import faregate.routing.Again;
import faregate.routing.Router;
import faregate.sandbox.Sandbox;
import faregate.sandbox.SandboxSettings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A server that runs: the whole house, and its orderly end.
final class Serving implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Serving.class);
  private static final Duration STEP = Duration.ofSeconds(10);

  private static final Duration DISCOVERY = Duration.ofSeconds(3);
  private static final Duration BILLING = Duration.ofSeconds(60);

  private final Footing footing;
  private final Clock clock;
  private final RandomSource random;
  private final Metrics metrics = new Metrics();
  private final Health health;
  private final Vertx vertx;
  private final Upstream upstream;
  private final Sandbox sandbox;
  private final App app;
  private final Readiness readiness;
  private final Server server;
  private final LateBills lateBills;
  private final Housekeeping housekeeping;
  private final LateModels lateModels;
  private final RateLimits rateLimits;

  /// @param port 0 picks a free one
  static Serving start(Folder folder, Config config, Common common, int port) {
    return start(folder, config, common, port, Footing.REAL);
  }

  /// The same on other ground.
  static Serving start(Folder folder, Config config, Common common, int port, Footing footing) {
    ServerSettings settings = config.server(port);
    Vertx vertx = EventLoops.start(settings.loops());
    try {
      return new Serving(vertx, settings, folder, config, common, footing);
    } catch (RuntimeException e) {
      quietly("the event loops", vertx.close(), STEP);
      throw e;
    }
  }

  /// The books are opened beside the catalogue and the sandbox: each takes a good part of a start.
  private Serving(
      Vertx vertx,
      ServerSettings settings,
      Folder folder,
      Config config,
      Common common,
      Footing footing) {
    this.footing = footing;
    this.clock = footing.clock();
    this.random = footing.random();
    this.health = new Health(clock);
    this.vertx = vertx;
    this.upstream = new Upstream(vertx, UpstreamSettings.standard(), clock);
    CompletableFuture<Books> opening =
        CompletableFuture.supplyAsync(
            () -> Books.open(folder, config, footing, metrics),
            task -> Thread.ofPlatform().name("faregate-opening").start(task));
    try {
      Discovery discovery = new Discovery(vertx, upstream, DISCOVERY);
      Catalog catalog = new Catalog(common.environment(), discovery);
      this.sandbox = await(Sandbox.start(vertx, SandboxSettings.standard()), STEP);
      UnaryOperator<CatalogSettings> local =
          said -> said.withBaseUrl(App.SANDBOX, sandbox.baseUrl());
      catalog.reload(local.apply(config.catalog()));
      warm(catalog, discovery);
      Books books = opened(opening);
      this.rateLimits = new RateLimits(books.database(), books.ledger()::nowMicros);
      this.app = new App(folder, config, common, books, catalog, local);
      app.providerKeys().open();
      metrics.watch(books.ledger()::state);
      metrics.watchNode(books.database()::standing);
      LOG.info("this is node {}", books.database().node());
      this.readiness =
          new Readiness(
              books.ledger()::state,
              books.database()::standing,
              books.identities()::trouble,
              catalog);
      Credential secret =
          new Credential("", Credential.newSecret(random), config.database().shown());
      this.server = listen(settings, Server.start(vertx, settings, routes(secret), this::newCall));
      books.usage().start();
      this.lateBills = lateBills(books);
      lateBills.start();
      this.housekeeping =
          new Housekeeping(
              books, rateLimits, lateBills, () -> app.config().retention().callMonths());
      housekeeping.start();
      this.lateModels = new LateModels(catalog);
      lateModels.start();
      publish(secret);
    } catch (RuntimeException e) {
      var _ = opening.thenAccept(Books::close).exceptionally(_ -> null).join();
      throw e;
    }
  }

  private LateBills lateBills(Books books) {
    return new LateBills(
        books.database(),
        books.ledger(),
        books.ledger(),
        new BillingClient(vertx, upstream, BILLING),
        app.catalog()::current,
        () -> app.config().reconcile(),
        random);
  }

  private static Books opened(CompletableFuture<Books> opening) {
    try {
      return opening.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }

  /// All that is served.
  Routes routes(Credential secret) {
    Routes routes = new Routes().tell(metrics::visited);
    new Front(app.books().identities(), rooms()).addTo(routes);
    new Models(app.catalog(), health, clock).addTo(routes);
    new HubRoutes(hubRooms()).addTo(routes);
    new OperatorRoutes(readiness, metrics, app.operations(), secret).addTo(routes);
    return routes;
  }

  private Rooms rooms() {
    Books books = app.books();
    return new Rooms(
        footing.till().apply(books.ledger(), books.database().ids()),
        books.ledger()::repeated,
        app.allowance(),
        app.catalog(),
        app.providerKeys(),
        new Router(health, clock, random),
        new Again(health),
        new Rates(rateLimits, app::rates),
        health,
        upstream,
        metrics,
        clock,
        () -> app.config().calls(),
        app.books().database().presence());
  }

  private HubRooms hubRooms() {
    Books books = app.books();
    return new HubRooms(
        books.identities(),
        books.usage(),
        app.catalog(),
        app.providerKeys(),
        books.ledger(),
        books.ledger()::nowMicros,
        app.allowance()::giveNow,
        app.allowance()::settings);
  }

  /// The first call upstream loads much code; better now than while a client waits.
  private static void warm(Catalog catalog, Discovery discovery) {
    Provider provider = catalog.current().provider(App.SANDBOX);
    if (provider != null && provider.isReachable()) {
      var _ = discovery.discover(List.of(provider));
    }
  }

  private CallId newCall() {
    return new CallId(app.books().database().ids().next());
  }

  private static Server listen(ServerSettings settings, Future<Server> starting) {
    try {
      return await(starting, STEP);
    } catch (IllegalStateException e) {
      throw new SettingsException(
          "Cannot listen on %s:%d (%s). Choose another port by --port, or stop who uses it."
              .formatted(settings.host(), settings.port(), String.valueOf(e.getMessage())));
    }
  }

  private void publish(Credential secret) {
    try {
      new Credential(url(), secret.secret(), secret.database()).write(app.folder().path());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write into " + app.folder().path(), e);
    }
  }

  /// Where clients on this machine reach it.
  String url() {
    String host = app.config().listen().host();
    String shown = host.equals("0.0.0.0") || host.equals("::") ? "127.0.0.1" : host;
    return "http://" + (shown.contains(":") ? "[" + shown + "]" : shown) + ":" + server.port();
  }

  App app() {
    return app;
  }

  /// Takes no more calls, lets the running ones end and settle, and closes the books.
  @Override
  public void close() {
    readiness.drain();
    Duration most = app.config().limits().drain();
    LOG.info("stopping; running answers have {} s", most.toSeconds());
    try {
      Credential.remove(app.folder().path());
    } catch (IOException e) {
      LOG.warn("the operator credential could not be removed", e);
    }
    quietly("the listener", server.drain(most), most.plus(STEP));
    awaitHolds(STEP);
    lateBills.close();
    housekeeping.close();
    lateModels.close();
    quietly("the sandbox", sandbox.close(), STEP);
    quietly("upstream connections", upstream.close(), STEP);
    quietly("the event loops", vertx.close(), STEP);
    app.close();
    metrics.close();
    LOG.info("stopped");
  }

  /// Calls whose client has gone may still be on their way to an end.
  private void awaitHolds(Duration most) {
    long until = clock.nanoTime() + most.toNanos();
    while (app.books().ledger().state().holdsOpen() > 0 && clock.nanoTime() < until) {
      try {
        Thread.sleep(10);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private static void quietly(String what, Future<?> closing, Duration most) {
    try {
      await(closing, most);
    } catch (IllegalStateException e) {
      LOG.warn("{} did not close in order: {}", what, e.getMessage());
    }
  }

  private static <T> T await(Future<T> future, Duration most) {
    try {
      return future
          .toCompletionStage()
          .toCompletableFuture()
          .get(most.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new IllegalStateException("no answer within " + most.toSeconds() + " s", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException(
          e.getCause() == null ? e.getMessage() : e.getCause().getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
