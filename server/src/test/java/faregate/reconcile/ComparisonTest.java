package faregate.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import faregate.id.CallId;
import faregate.id.OfferId;
import faregate.id.TokenId;
import faregate.id.UserId;
import faregate.id.WalletId;
import faregate.identity.MonthlyGrant;
import faregate.kit.Clock;
import faregate.kit.ReservedIds;
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
import faregate.usage.Stamp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.YearMonth;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What a provider's bill is laid beside: calls that ended in ways that a door seldom sees. Each
/// holds 10,000 nano-USD.
class ComparisonTest {
  private static final Nanos HELD = Nanos.of(10_000);
  @TempDir private Path folder;
  private Database database;
  private SqlLedger ledger;
  private WalletId wallet;

  @BeforeEach
  void open() {
    start();
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
  }

  private void start() {
    database = Database.openSqlite(folder.resolve("comparison.db"), Clock.system());
    ledger = SqlLedger.open(database, Clock.system());
  }

  @AfterEach
  void close() {
    ledger.close();
    database.close();
  }

  /// Goes as a process does that is killed: whoever starts next ends what is open.
  private void die() {
    close();
    start();
  }

  private static <T> T ask(Consumer<Reply<T>> question) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    question.accept(Reply.future(answer));
    return answer.join();
  }

  private CallId hold(long id, String ref) {
    HoldOutcome outcome =
        ask(
            reply ->
                ledger.hold(
                    new HoldCommand(
                        new CallId(id),
                        wallet,
                        List.of(),
                        HELD,
                        HELD,
                        HELD,
                        ledger.nowMicros() + 600_000_000,
                        0,
                        ref),
                    reply));
    assertThat(outcome).isInstanceOf(HoldOutcome.Held.class);
    return new CallId(id);
  }

  private CallId hold(String provider) {
    return hold(database.ids().next(), new Stamp("1", "org/m", provider, "v1").text());
  }

  private void settle(CallId call, long charge, boolean estimated, String request) {
    byte[] facts =
        FactsCodec.encode(
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
    EndOutcome end =
        ask(
            reply ->
                ledger.settle(
                    new SettleCommand(
                        new Ledger.CallRef(call, wallet),
                        Nanos.of(charge),
                        Nanos.ZERO,
                        Nanos.ZERO,
                        estimated,
                        facts),
                    reply));
    assertThat(end).isInstanceOf(EndOutcome.Ended.class);
  }

  private YearMonth month() {
    return MonthlyGrant.month(ledger.nowMicros());
  }

  private Comparison.Report compare(String heading, String... lines) throws IOException {
    Path bill =
        Files.writeString(folder.resolve("bill.csv"), heading + "\n" + String.join("\n", lines));
    return new Comparison(database).of("one", month(), bill);
  }

  private static List<String> whys(Comparison.Report report) {
    return report.lines().stream().map(Comparison.Line::why).toList();
  }

  @Test
  void aBillForCallsOfADeadNodeIsExplainedWithinTheirHolds() throws Exception {
    hold("one");
    hold("one");
    hold("two");
    die();
    Comparison.Report report =
        compare("request_id,nano_usd", "a,9000", "b,10000", "c,500", "d,10001");
    assertThat(whys(report))
        .containsExactly("node_died", "node_died", "unknown_to_us", "unknown_to_us");
    assertThat(report.unexplained()).isEqualTo(Nanos.of(20_001));
    assertThat(new Exposure(database).of(month()).lines())
        .extracting(Exposure.Line::provider, Exposure.Line::model, Exposure.Line::why)
        .containsExactly(
            tuple("one", "org/m", "recovery"),
            tuple("one", "org/m", "recovery"),
            tuple("two", "org/m", "recovery"));
  }

  @Test
  void aCallOfAnOlderReleaseThatDiedMayBeAnyProviders() throws Exception {
    hold(database.ids().next(), "1 org/m");
    die();
    assertThat(whys(compare("request_id,nano_usd", "a,9000"))).containsExactly("node_died");
  }

  @ParameterizedTest
  @CsvSource({"1, estimated", "5001, estimated", "10000, estimated", "10001, unexplained"})
  void anEstimateExplainsNoMoreThanWasHeld(long billed, String why) throws Exception {
    settle(hold("one"), 5_000, true, "r");
    assertThat(whys(compare("request_id,nano_usd", "r," + billed))).containsExactly(why);
  }

  @Test
  void aCallOfAnotherMonthIsNamed() throws Exception {
    long before = Comparison.micros(month()) - 3_600_000_000L;
    CallId old = hold(ReservedIds.firstAt(before) + 1, new Stamp("1", "org/m", "one", "v1").text());
    settle(old, 5_000, false, "r");
    Comparison.Report report = compare("request_id,nano_usd", "r,5000");
    assertThat(whys(report)).containsExactly("other_month");
    assertThat(report.calls()).isZero();
    assertThat(report.unexplained()).isEqualTo(Nanos.ZERO);
  }

  @Test
  void roundingToTheNearestErrsToBothSides() throws Exception {
    settle(hold("one"), 1_400, false, "a");
    settle(hold("one"), 1_600, false, "b");
    settle(hold("one"), 2_400, false, "c");
    String heading = "request_id,usd";
    Comparison.Report nearest = compare(heading, "a,0.000001", "b,0.000002", "c,0.000002");
    assertThat(whys(nearest)).containsOnly("rounding").hasSize(3);
    assertThat(nearest.unexplained()).isEqualTo(Nanos.ZERO);
    Comparison.Report up = compare(heading, "a,0.000002", "b,0.000002", "c,0.000003");
    assertThat(whys(up)).containsOnly("unexplained").hasSize(3);
    assertThat(up.unexplained()).isEqualTo(Nanos.of(1_600));
  }
}
