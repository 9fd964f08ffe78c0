package faregate.reconcile;

import static java.nio.charset.StandardCharsets.UTF_8;
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
import faregate.identity.MonthlyGrant;
import faregate.kit.Clock;
import faregate.kit.RandomSource;
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
import faregate.sandbox.Sandbox;
import faregate.sandbox.SandboxSettings;
import faregate.store.Database;
import faregate.store.PostgresServers;
import faregate.store.PostgresSettings;
import faregate.tariff.Quantities;
import faregate.usage.Facts;
import faregate.usage.FactsCodec;
import io.vertx.core.Vertx;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Late bills on three nodes that share a PostgreSQL: each bill is taken once, whoever asks, and
/// the reports read the same rows.
class LateBillNodesTest {
  private static final int NODES = 3;
  private static final int CALLS = 40;
  private static final long BILL = 1_234;
  private final Vertx vertx = Vertx.vertx();
  private final HttpClient http = HttpClient.newHttpClient();
  private final List<Database> databases = new ArrayList<>();
  private final List<SqlLedger> ledgers = new ArrayList<>();
  private PostgresSettings settings;
  private Sandbox sandbox;

  @BeforeEach
  void open() {
    sandbox = Sandbox.start(vertx, SandboxSettings.standIn()).await();
    settings = PostgresServers.shared(PostgresServers.NEW).database();
    for (int node = 0; node < NODES; node++) {
      Database database = Database.openPostgres(settings, Clock.system(), RandomSource.secure());
      databases.add(database);
      ledgers.add(SqlLedger.open(database, Clock.system()));
    }
  }

  @AfterEach
  void close() {
    ledgers.forEach(SqlLedger::close);
    databases.forEach(Database::close);
    http.shutdownNow();
    vertx.close().await();
  }

  private static <T> T ask(Consumer<Reply<T>> question) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    question.accept(Reply.future(answer));
    return answer.join();
  }

  /// The catalogue as the nodes know it: one provider that tells its bills.
  private Snapshot catalog() {
    Provider plain = Provider.local("one", sandbox.baseUrl());
    URI billing = URI.create(sandbox.baseUrl()).resolve("/sandbox/billing");
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
            null,
            false,
            false,
            plain.outputLimitField(),
            plain.requestIdHeader(),
            true,
            null,
            plain.source(),
            new BillingEndpoint(billing.toString(), true, Duration.ZERO));
    return new Snapshot(List.of(), List.of(provider));
  }

  private LateBills lateBills(int node) {
    Upstream upstream = new Upstream(vertx, UpstreamSettings.standard(), Clock.system());
    return new LateBills(
        databases.get(node),
        ledgers.get(node),
        ledgers.get(node),
        new BillingClient(vertx, upstream, Duration.ofSeconds(10)),
        this::catalog,
        ReconcileSettings::defaults,
        RandomSource.secure());
  }

  /// A call at the sandbox.
  ///
  /// @return the sandbox's id of it
  private String served() throws Exception {
    String body =
        "{\"model\":\"m\",\"max_tokens\":5,\"sandbox\":{\"bill_nano_usd\":"
            + BILL
            + "},\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}";
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(sandbox.baseUrl() + "/chat/completions"))
            .POST(HttpRequest.BodyPublishers.ofByteArray(body.getBytes(UTF_8)))
            .build();
    HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).isEqualTo(200);
    return answer.headers().firstValue("inference-id").orElseThrow();
  }

  private static byte[] facts(String request) {
    return FactsCodec.encode(
        new Facts(
            new TokenId(1),
            new UserId(1),
            "m",
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

  private CallId posted(int node, WalletId wallet, String request) {
    SqlLedger ledger = ledgers.get(node);
    CallId id = new CallId(databases.get(node).ids().next());
    Nanos held = Nanos.of(10_000);
    HoldOutcome hold =
        ask(
            reply ->
                ledger.hold(
                    new HoldCommand(
                        id,
                        wallet,
                        List.of(),
                        held,
                        held,
                        held,
                        ledger.nowMicros() + 600_000_000,
                        0,
                        "1 m"),
                    reply));
    assertThat(hold).isInstanceOf(HoldOutcome.Held.class);
    EndOutcome end =
        ask(
            reply ->
                ledger.settle(
                    new SettleCommand(
                        new Ledger.CallRef(id, wallet),
                        Nanos.of(5_000),
                        Nanos.ZERO,
                        Nanos.ZERO,
                        true,
                        facts(request)),
                    reply));
    assertThat(end).isInstanceOf(EndOutcome.Ended.class);
    return id;
  }

  private WalletId wallet() {
    WalletId wallet = new WalletId(databases.getFirst().ids().next());
    GrantOutcome granted =
        ask(
            reply ->
                ledgers
                    .getFirst()
                    .grant(
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
    return wallet;
  }

  private Nanos charge(CallId call) {
    return Objects.requireNonNull(ledgers.getFirst().call(call).orElseThrow().ended()).charge();
  }

  /// Some ten seconds: so long a bill waits for its wallet.
  @Test
  void aWalletThatSomebodySitsOnHoldsUpNoOthersBills() throws Exception {
    WalletId contested = wallet();
    CallId waits = posted(0, contested, served());
    CallId other = posted(0, wallet(), served());
    try (Connection sitting = DriverManager.getConnection(settings.url(), settings.user(), null);
        Statement statement = sitting.createStatement()) {
      sitting.setAutoCommit(false);
      statement.execute("SELECT * FROM lot WHERE wallet = " + contested.value() + " FOR UPDATE");
      assertThat(lateBills(0).round()).isEqualTo(1);
      assertThat(charge(other)).isEqualTo(Nanos.of(BILL));
      assertThat(charge(waits)).isEqualTo(Nanos.of(5_000));
      sitting.commit();
    }
    await().until(() -> charge(waits).equals(Nanos.of(BILL)));
  }

  @Test
  void eachBillIsTakenOnceWhoeverAsks() throws Exception {
    WalletId wallet = wallet();
    List<CallId> calls = new ArrayList<>();
    for (int call = 0; call < CALLS; call++) {
      calls.add(posted(call % NODES, wallet, served()));
    }
    List<LateBills> nodes = IntStream.range(0, NODES).mapToObj(this::lateBills).toList();
    List<CompletableFuture<Integer>> rounds =
        nodes.stream().map(node -> CompletableFuture.supplyAsync(node::round)).toList();
    int taken = rounds.stream().mapToInt(CompletableFuture::join).sum();
    int left = nodes.stream().mapToInt(LateBills::round).sum();
    assertThat(taken + left).isEqualTo(CALLS);
    for (CallId call : calls) {
      assertThat(ledgers.getFirst().call(call).orElseThrow().ended())
          .isNotNull()
          .satisfies(ended -> assertThat(ended.charge()).isEqualTo(Nanos.of(BILL)))
          .satisfies(ended -> assertThat(ended.estimated()).isFalse());
    }
    assertThat(adjustments()).isEqualTo(CALLS);
    assertThat(ledgers.getFirst().audit().wrong()).isNull();
    YearMonth month = MonthlyGrant.month(ledgers.getFirst().nowMicros());
    Comparison.Report report = new Comparison(databases.getLast()).of("one", month, null);
    assertThat(report.lines()).isEmpty();
    assertThat(report.ours()).isEqualTo(Nanos.of(BILL * CALLS)).isEqualTo(report.theirs());
    assertThat(new Exposure(databases.getLast()).of(month).lines()).isEmpty();
  }

  private long adjustments() {
    return databases
        .getFirst()
        .read(
            handle ->
                handle
                    .createQuery("SELECT count(*) FROM transfer WHERE kind = 'adjust'")
                    .mapTo(Long.class)
                    .one());
  }
}
