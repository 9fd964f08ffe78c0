package faregate.hub;

import faregate.catalog.Catalog;
import faregate.catalog.CatalogSettings;
import faregate.catalog.Discoverer;
import faregate.gateway.Allowance;
import faregate.gateway.LedgerRows;
import faregate.gateway.MonthSpending;
import faregate.http.Routes;
import faregate.http.Server;
import faregate.http.ServerSettings;
import faregate.id.CallId;
import faregate.id.LotId;
import faregate.id.OfferId;
import faregate.id.WalletId;
import faregate.identity.Caller;
import faregate.identity.Identities;
import faregate.identity.LookUp;
import faregate.identity.NewToken;
import faregate.identity.Outcome;
import faregate.identity.Payer;
import faregate.identity.PayerChoice;
import faregate.identity.Tier;
import faregate.identity.TierSettings;
import faregate.identity.TokenRequest;
import faregate.kit.Clock;
import faregate.kit.Environment;
import faregate.kit.Json;
import faregate.kit.RandomSource;
import faregate.ledger.EndOutcome;
import faregate.ledger.HoldCommand;
import faregate.ledger.HoldOutcome;
import faregate.ledger.Ledger.CallRef;
import faregate.ledger.LedgerReads;
import faregate.ledger.LotKind;
import faregate.ledger.Reply;
import faregate.ledger.SettleCommand;
import faregate.ledger.SqlLedger;
import faregate.money.Nanos;
import faregate.secret.Keyset;
import faregate.secret.ProviderKeys;
import faregate.store.Database;
import faregate.tariff.Quantities;
import faregate.usage.Facts;
import faregate.usage.FactsCodec;
import faregate.usage.Usage;
import io.vertx.core.Vertx;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// The Hub's face over a real ledger in a real file, on a real socket.
final class Hub implements AutoCloseable {
  static final String MODEL = "openai/gpt-oss-120b";
  final Database database;
  final SqlLedger ledger;
  final Identities identities;
  final Usage usage;
  final ProviderKeys keys;
  private final AtomicLong lotsRead = new AtomicLong();
  private final AtomicLong caughtUp = new AtomicLong();
  private final Allowance allowance;
  private volatile TierSettings tiers = TierSettings.standard();
  private final Vertx vertx = Vertx.vertx();
  private final HttpClient client = HttpClient.newHttpClient();
  private final Server server;

  Hub(Path folder) {
    this(Database.openSqlite(folder.resolve("faregate.db"), Clock.system()), folder);
  }

  /// @param folder where a keyset may be made
  Hub(Database kept, Path folder) {
    database = kept;
    ledger = SqlLedger.open(database, Clock.system());
    identities = new Identities(database, RandomSource.secure(), Clock.system());
    usage = new Usage(database, LedgerRows.of(counted(ledger)));
    allowance = new Allowance(ledger, () -> tiers, new MonthSpending(ledger, usage));
    Routes routes = new Routes();
    Environment keyed = Environment.of(Map.of("GROQ_API_KEY", "unused"));
    Catalog catalog = new Catalog(keyed, Discoverer.none());
    catalog.reload(CatalogSettings.defaults());
    keys = new ProviderKeys(database, Keyset.in(folder, keyed, false), Clock.system());
    keys.open();
    new HubRoutes(
            new HubRooms(
                identities,
                usage,
                catalog,
                keys,
                counted(ledger),
                ledger::nowMicros,
                allowance::giveNow,
                allowance::settings))
        .addTo(routes);
    server =
        Server.start(
                vertx,
                ServerSettings.on("127.0.0.1", 0).withLoops(1),
                routes,
                () -> new CallId(database.ids().next()))
            .await();
  }

  private LedgerReads counted(LedgerReads reads) {
    return (LedgerReads)
        Proxy.newProxyInstance(
            LedgerReads.class.getClassLoader(),
            new Class<?>[] {LedgerReads.class},
            (_, method, arguments) -> {
              if (method.getName().equals("lots")) {
                lotsRead.incrementAndGet();
              }
              if (method.getName().equals("fences")) {
                caughtUp.incrementAndGet();
              }
              return method.invoke(reads, arguments);
            });
  }

  /// How often what was consumed was read, each time after catching up with the ledger.
  long caughtUp() {
    return caughtUp.get();
  }

  /// How often anybody read a wallet's lots through the Hub's face.
  long lotsRead() {
    return lotsRead.get();
  }

  /// What tiers are worth, from now on.
  void tiers(TierSettings others) {
    tiers = others;
  }

  /// A new user with one token.
  NewToken user(String name, Tier tier) {
    done(identities.createUser(name, tier));
    return done(identities.createToken(TokenRequest.of(name)));
  }

  Caller caller(NewToken token) {
    return switch (identities.find(token.secret().reveal())) {
      case LookUp.Known(Caller caller) -> caller;
      case LookUp other -> throw new AssertionError(other);
    };
  }

  /// Somebody's organization, as the payer of their call.
  Payer payer(NewToken token, String organization) {
    return paidBy(token, organization).payer();
  }

  private Caller paidBy(NewToken token, String payer) {
    return switch (caller(token).paidBy(payer)) {
      case PayerChoice.Paid(Caller paid) -> paid;
      case PayerChoice other -> throw new AssertionError(other);
    };
  }

  /// A call that runs, paid by an organization or in the name of a resource group.
  CallId holdFor(NewToken token, String payer, long nanos) {
    Caller caller = paidBy(token, payer);
    allowance.giveNow(caller.payer());
    return hold(caller.wallet(), List.of(), nanos, caller.token() + " " + MODEL);
  }

  void settleFor(NewToken token, String payer, CallId id, long nanos) {
    Caller caller = paidBy(token, payer);
    Facts facts =
        facts(caller, "")
            .with(
                new Facts.Payment(
                    false,
                    caller.payer().isOrganization() ? caller.user().value() : 0,
                    "",
                    caller.group()));
    settle(caller, id, nanos, facts);
  }

  /// Charges a payer, and the limits that it has, as a call would.
  void spend(Payer payer, long nanos) {
    allowance.giveNow(payer);
    List<LotId> limits =
        ledger.lots(payer.wallet()).stream()
            .filter(lot -> lot.kind() == LotKind.LIMIT)
            .map(LedgerReads.Lot::id)
            .toList();
    CallId id = hold(payer.wallet(), limits, nanos, "test");
    CompletableFuture<EndOutcome> outcome = new CompletableFuture<>();
    ledger.settle(
        new SettleCommand(
            new CallRef(id, payer.wallet()),
            Nanos.of(nanos),
            Nanos.ZERO,
            Nanos.ZERO,
            false,
            new byte[0]),
        Reply.future(outcome));
    if (!(outcome.join() instanceof EndOutcome.Ended)) {
      throw new AssertionError(outcome.join());
    }
  }

  /// Holds credit as a call would.
  CallId hold(Caller caller, long nanos) {
    return hold(caller.wallet(), List.of(), nanos, "test");
  }

  private CallId hold(WalletId wallet, List<LotId> limits, long nanos, String ref) {
    CallId id = new CallId(database.ids().next());
    Nanos amount = Nanos.of(nanos);
    CompletableFuture<HoldOutcome> outcome = new CompletableFuture<>();
    ledger.hold(
        new HoldCommand(
            id, wallet, limits, amount, amount, amount, ledger.nowMicros() + 60_000_000, 0, ref),
        Reply.future(outcome));
    if (!(outcome.join() instanceof HoldOutcome.Held)) {
      throw new AssertionError(outcome.join());
    }
    return id;
  }

  void settle(Caller caller, CallId id, long nanos, String session) {
    settle(caller, id, nanos, facts(caller, session));
  }

  private void settle(Caller caller, CallId id, long nanos, Facts facts) {
    CompletableFuture<EndOutcome> outcome = new CompletableFuture<>();
    ledger.settle(
        new SettleCommand(
            new CallRef(id, caller.wallet()),
            Nanos.of(nanos),
            Nanos.ZERO,
            Nanos.ZERO,
            false,
            FactsCodec.encode(facts)),
        Reply.future(outcome));
    if (!(outcome.join() instanceof EndOutcome.Ended)) {
      throw new AssertionError(outcome.join());
    }
  }

  private Facts facts(Caller caller, String session) {
    return new Facts(
        caller.token(),
        caller.user(),
        MODEL,
        new OfferId("sandbox", "gpt-oss"),
        "v1",
        Quantities.tokens(10, 20),
        false,
        session,
        "req-1",
        ledger.nowMicros(),
        5,
        100);
  }

  URI url(String path) {
    return URI.create("http://127.0.0.1:" + server.port() + path);
  }

  HttpResponse<String> get(String path, @Nullable String token) {
    HttpRequest.Builder request = HttpRequest.newBuilder(url(path));
    if (token != null) {
      request.header("Authorization", "Bearer " + token);
    }
    try {
      return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    } catch (java.io.IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  HttpResponse<String> send(String method, String path, NewToken token, String body) {
    HttpRequest request =
        HttpRequest.newBuilder(url(path))
            .header("Authorization", "Bearer " + token.secret().reveal())
            .method(method, HttpRequest.BodyPublishers.ofString(body))
            .build();
    try {
      return client.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (java.io.IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  JsonNode json(String path, NewToken token) {
    HttpResponse<String> response = get(path, token.secret().reveal());
    if (response.statusCode() != 200) {
      throw new AssertionError(path + " answered " + response.statusCode() + " " + response.body());
    }
    return Json.MAPPER.readTree(response.body());
  }

  static <T> T done(Outcome<T> outcome) {
    return switch (outcome) {
      case Outcome.Done<T>(T value) -> value;
      case Outcome.Refused<T>(String message) -> throw new AssertionError(message);
      case Outcome.Malformed<T>(String message) -> throw new AssertionError(message);
    };
  }

  @Override
  public void close() {
    vertx.close().await();
    usage.close();
    identities.close();
    ledger.close();
    database.close();
  }
}
