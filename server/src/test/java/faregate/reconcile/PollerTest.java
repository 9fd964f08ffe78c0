package faregate.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import faregate.catalog.BillingEndpoint;
import faregate.catalog.Provider;
import faregate.catalog.Snapshot;
import faregate.http.Upstream;
import faregate.http.UpstreamSettings;
import faregate.id.CallId;
import faregate.id.OfferId;
import faregate.id.TokenId;
import faregate.id.UserId;
import faregate.id.WalletId;
import faregate.kit.Clock;
import faregate.kit.Json;
import faregate.kit.RandomSource;
import faregate.kit.Secret;
import faregate.ledger.EndOutcome;
import faregate.ledger.GrantCommand;
import faregate.ledger.GrantOutcome;
import faregate.ledger.HoldCommand;
import faregate.ledger.HoldOutcome;
import faregate.ledger.Ledger;
import faregate.ledger.LotKind;
import faregate.ledger.Reply;
import faregate.ledger.SettleCommand;
import faregate.ledger.SqlLedger;
import faregate.money.Nanos;
import faregate.store.Database;
import faregate.tariff.Quantities;
import faregate.usage.Facts;
import faregate.usage.FactsCodec;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// How a provider is asked for its bills, at an endpoint that does as a test says: a real server on
/// loopback, and a real ledger on a file.
class PollerTest {
  private static final Nanos HELD = Nanos.of(10_000);
  private static final long CHARGE = 5_000;
  private static final long BILL = 1_234;
  @TempDir private Path folder;
  private final Vertx vertx = Vertx.vertx();
  private final List<List<String>> asked = new CopyOnWriteArrayList<>();
  private final List<String> authorized = new CopyOnWriteArrayList<>();
  private volatile BiConsumer<HttpServerRequest, List<String>> answering = this::bill;
  private volatile ReconcileSettings settings =
      new ReconcileSettings(Duration.ofMillis(100), Duration.ofHours(1));
  private Duration delay = Duration.ZERO;
  private boolean adjusts = true;
  private boolean tells = true;
  private Database database;
  private SqlLedger ledger;
  private WalletId wallet;
  private HttpServer server;
  private LateBills bills;

  @BeforeEach
  void open() {
    database = Database.openSqlite(folder.resolve("poller.db"), Clock.system());
    ledger = SqlLedger.open(database, Clock.system());
    wallet = new WalletId(database.ids().next());
    GrantOutcome granted =
        ask(
            reply ->
                ledger.grant(
                    new GrantCommand(
                        wallet,
                        LotKind.PURCHASED,
                        Nanos.ofUsd("1"),
                        0,
                        Long.MAX_VALUE,
                        "first",
                        "a test"),
                    reply));
    assertThat(granted).isInstanceOf(GrantOutcome.Granted.class);
    server =
        vertx
            .createHttpServer()
            .requestHandler(
                request -> {
                  authorized.add(String.valueOf(request.getHeader("Authorization")));
                  request.bodyHandler(
                      body -> {
                        List<String> ids = new ArrayList<>();
                        Json.MAPPER
                            .readTree(body.getBytes())
                            .path("requestIds")
                            .forEach(id -> ids.add(id.stringValue()));
                        asked.add(ids);
                        answering.accept(request, ids);
                      });
                })
            .listen(0, "127.0.0.1")
            .await();
    bills =
        new LateBills(
            database,
            ledger,
            ledger,
            new BillingClient(
                vertx,
                new Upstream(vertx, UpstreamSettings.standard(), Clock.system()),
                Duration.ofMillis(1_500)),
            this::catalog,
            () -> settings,
            RandomSource.secure());
  }

  @AfterEach
  void close() {
    ledger.close();
    database.close();
    vertx.close().await();
  }

  private void bill(HttpServerRequest request, List<String> ids) {
    String lines =
        ids.stream()
            .map(id -> "{\"requestId\":\"" + id + "\",\"costNanoUsd\":" + BILL + "}")
            .collect(Collectors.joining(","));
    request.response().end("{\"requests\":[" + lines + "]}");
  }

  private Snapshot catalog() {
    String url = "http://127.0.0.1:" + server.actualPort();
    Provider plain = Provider.local("one", url);
    Provider provider =
        new Provider(
            plain.slug(),
            plain.name(),
            plain.family(),
            plain.baseUrl(),
            plain.chatPath(),
            plain.authHeader(),
            plain.authPrefix(),
            null,
            new Secret("sk-marker"),
            false,
            false,
            plain.outputLimitField(),
            plain.requestIdHeader(),
            true,
            null,
            plain.source(),
            tells ? new BillingEndpoint(url + "/billing", adjusts, delay) : null);
    return new Snapshot(List.of(), List.of(provider));
  }

  private static <T> T ask(Consumer<Reply<T>> question) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    question.accept(Reply.future(answer));
    return answer.join();
  }

  private static byte[] facts(String request) {
    return FactsCodec.encode(
        new Facts(
            new TokenId(1),
            new UserId(1),
            "org/m",
            new OfferId("one", "m"),
            "v1",
            Quantities.NONE,
            false,
            "",
            request,
            1,
            1,
            1));
  }

  private CallId call(byte[] facts) {
    CallId id = new CallId(database.ids().next());
    HoldOutcome hold =
        ask(
            reply ->
                ledger.hold(
                    new HoldCommand(
                        id,
                        wallet,
                        List.of(),
                        HELD,
                        HELD,
                        HELD,
                        ledger.nowMicros() + 600_000_000,
                        0,
                        "1 org/m"),
                    reply));
    assertThat(hold).isInstanceOf(HoldOutcome.Held.class);
    EndOutcome end =
        ask(
            reply ->
                ledger.settle(
                    new SettleCommand(
                        new Ledger.CallRef(id, wallet),
                        Nanos.of(CHARGE),
                        Nanos.ZERO,
                        Nanos.ZERO,
                        false,
                        facts),
                    reply));
    assertThat(end).isInstanceOf(EndOutcome.Ended.class);
    return id;
  }

  private long charge(CallId id) {
    return Objects.requireNonNull(ledger.call(id).orElseThrow().ended()).charge().value();
  }

  private String state(CallId id) {
    return database.read(
        handle ->
            handle
                .createQuery("SELECT state FROM reconcile_call WHERE call = :call")
                .bind("call", id.value())
                .mapTo(String.class)
                .one());
  }

  @Test
  void asksWithTheKeyOfInference() {
    CallId call = call(facts("r"));
    assertThat(bills.round()).isOne();
    assertThat(authorized).containsExactly("Bearer sk-marker");
    assertThat(asked).containsExactly(List.of("r"));
    assertThat(charge(call)).isEqualTo(BILL);
  }

  @Test
  void callsAreNotAskedAboutThatEndedWhileNobodyToldBills() {
    tells = false;
    call(facts("earlier"));
    call(facts("earlier too"));
    assertThat(bills.round()).isZero();
    long fence = ledger.fences().getFirst();
    assertThat(bills.takenIn()).containsEntry(fence, ledger.finishedLast(fence));
    tells = true;
    CallId later = call(facts("later"));
    assertThat(bills.round()).isOne();
    assertThat(asked).containsExactly(List.of("later"));
    assertThat(charge(later)).isEqualTo(BILL);
  }

  @Test
  void whatCannotBeReadStopsNoOther() {
    CallId spoilt = call(new byte[] {99, 1, 2});
    CallId sound = call(facts("r"));
    assertThat(bills.round()).isOne();
    assertThat(charge(sound)).isEqualTo(BILL);
    assertThat(charge(spoilt)).isEqualTo(CHARGE);
  }

  @Test
  void aBillIsOneCalls() {
    CallId first = call(facts("same"));
    CallId second = call(facts("same"));
    assertThat(bills.round()).isOne();
    assertThat(charge(first)).isEqualTo(BILL);
    CallId third = call(facts("same"));
    assertThat(bills.round()).isZero();
    for (CallId refused : List.of(second, third)) {
      assertThat(charge(refused)).isEqualTo(CHARGE);
      assertThat(state(refused)).isEqualTo("unknown");
    }
    assertThat(asked).containsExactly(List.of("same"));
  }

  @Test
  void asksAboutTenThousandAtATime() {
    adjusts = false;
    int more = BillingClient.IDS_MAX + 1;
    List<LateBillSql.Fresh> calls = new ArrayList<>();
    for (int each = 1; each <= more; each++) {
      calls.add(
          new LateBillSql.Fresh(
              new CallId(each), wallet, "one", "r" + each, ledger.nowMicros(), each));
    }
    assertThat(database.<Boolean>write(handle -> LateBillSql.take(handle, 77, 0, 1, calls)))
        .isTrue();
    assertThat(bills.round()).isEqualTo(more);
    assertThat(asked).extracting(List::size).containsExactly(BillingClient.IDS_MAX, 1);
  }

  @Test
  void waitsAsLongAsTheProviderNeeds() {
    delay = Duration.ofMillis(1_200);
    CallId call = call(facts("r"));
    assertThat(bills.round()).isZero();
    assertThat(asked).isEmpty();
    await().until(() -> bills.round() == 1);
    assertThat(charge(call)).isEqualTo(BILL);
  }

  @Test
  void givesUpWhatIsNeverTold() {
    settings = new ReconcileSettings(Duration.ofMillis(100), Duration.ofMillis(400));
    answering = (request, _) -> request.response().end("{\"requests\":[]}");
    CallId call = call(facts("r"));
    bills.round();
    assertThat(state(call)).isEqualTo("waiting");
    await()
        .until(
            () -> {
              bills.round();
              return state(call).equals("unknown");
            });
    int times = asked.size();
    bills.round();
    assertThat(asked).hasSize(times);
    assertThat(charge(call)).isEqualTo(CHARGE);
  }

  @Test
  void whatWasToldIsNotGivenUpWhileTheLedgerIsAway() {
    CallId call = call(facts("r"));
    answering =
        (request, ids) -> {
          settings = new ReconcileSettings(Duration.ofMillis(100), Duration.ofMillis(100));
          vertx.setTimer(
              200,
              _ -> {
                ledger.close();
                bill(request, ids);
              });
        };
    assertThat(bills.round()).isZero();
    assertThat(state(call)).isEqualTo("waiting");
  }

  @ParameterizedTest
  @ValueSource(strings = {"500", "long", "silent", "cut"})
  void anAnswerThatIsNoneChangesNothing(String how) {
    Map<String, BiConsumer<HttpServerRequest, List<String>>> answers =
        Map.of(
            "500", (request, _) -> request.response().setStatusCode(500).end(),
            "long", (request, _) -> request.response().end(" ".repeat((8 << 20) + 1)),
            "silent", (_, _) -> {},
            "cut", (request, _) -> request.connection().close());
    answering = Objects.requireNonNull(answers.get(how));
    CallId call = call(facts("r"));
    assertThat(bills.round()).isZero();
    assertThat(state(call)).isEqualTo("waiting");
    assertThat(charge(call)).isEqualTo(CHARGE);
    answering = this::bill;
    assertThat(bills.round()).as("the next round").isOne();
    assertThat(charge(call)).isEqualTo(BILL);
  }
}
