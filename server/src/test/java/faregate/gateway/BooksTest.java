package faregate.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import faregate.gateway.Client.Answer;
import faregate.gateway.RunningHouse.Guest;
import faregate.id.CallId;
import faregate.identity.MonthlyGrant;
import faregate.money.Nanos;
import faregate.reconcile.Comparison;
import faregate.reconcile.Exposure;
import faregate.reconcile.LateBills;
import faregate.sandbox.BillEntry;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The operator's reports on what a provider billed, from real calls at a real sandbox. Each test
/// has a house of its own, for the reports are about all calls of a provider.
class BooksTest {
  @TempDir private Path folder;
  private RunningHouse house;
  private Guest guest;
  private Client client;
  private LateBills bills;

  @BeforeEach
  void open() throws Exception {
    house =
        new RunningHouse(
            folder.resolve("books.db"), new CallSettings(8, 2, 1_000, 2, 2, 1, 2, 1 << 20));
    guest = house.guest("books");
    client = new Client(house.port(), guest.token(), "test/m0:one");
    bills = house.lateBills();
  }

  @AfterEach
  void close() throws Exception {
    assertThat(house.ledger().audit().wrong()).isNull();
    house.close();
  }

  private Answer call(String faults) throws Exception {
    Answer answer = client.post(client.chat("\"max_tokens\":40", "\"sandbox\":{" + faults + "}"));
    assertThat(answer.status()).isEqualTo(200);
    return answer;
  }

  private Nanos charge(Answer answer) {
    return house.ending(answer.id()).charge();
  }

  private YearMonth month() {
    return MonthlyGrant.month(house.ledger().nowMicros());
  }

  private Comparison.Report compare(@Nullable Path file) {
    return new Comparison(house.database()).of("one", month(), file);
  }

  private Path bill(String... more) throws IOException {
    String lines =
        house.providerBill().stream()
            .map(entry -> entry.id() + "," + entry.costNanoUsd() + "\n")
            .collect(Collectors.joining());
    return Files.writeString(
        folder.resolve("bill.csv"), "request_id,nano_usd\n" + lines + String.join("\n", more));
  }

  private static List<String> whys(Comparison.Report report) {
    return report.lines().stream().map(Comparison.Line::why).sorted().toList();
  }

  @Test
  void agreesWithTheEndpointOnceItHasTold() throws Exception {
    call("\"tokens\":5");
    call("\"bill_nano_usd\":1234");
    call("\"bill_after_ms\":60000");
    assertThat(whys(compare(null))).containsOnly("not_yet_billed").hasSize(3);
    bills.round();
    Comparison.Report report = compare(null);
    assertThat(whys(report)).containsExactly("not_yet_billed");
    assertThat(report.calls()).isEqualTo(3);
    assertThat(report.theirLines()).isEqualTo(2);
    assertThat(report.unexplained()).isEqualTo(Nanos.ZERO);
    assertThat(report.ours()).isEqualTo(house.posted(guest));
  }

  @Test
  void explainsEveryLineOfABill() throws Exception {
    call("\"tokens\":5");
    Answer excess = call("\"bill_nano_usd\":5000000");
    bills.round();
    List<String> read = new ArrayList<>();
    String endless = "\"sandbox\":{\"tokens\":200,\"chunk_ms\":20,\"bill_nano_usd\":500000}";
    CallId left =
        client.leaveAfter(client.chat("\"stream\":true", "\"max_tokens\":200", endless), 3, read);
    Answer cut =
        client.post(
            client.chat(
                "\"stream\":true",
                "\"max_tokens\":200",
                "\"sandbox\":{\"tokens\":50,\"cut_after\":5,\"bill_nano_usd\":600000}"));
    Answer ambiguous =
        client.post(
            client.chat("\"max_tokens\":40", "\"sandbox\":{\"reset\":true,\"bill_unseen\":true}"));
    assertThat(ambiguous.status()).isEqualTo(502);
    for (CallId id : List.of(excess.id(), left, cut.id(), ambiguous.id())) {
      house.ended(id);
    }
    await()
        .until(
            () ->
                house.providerBill().stream()
                    .noneMatch(entry -> entry.state() == BillEntry.State.RUNNING));
    Comparison.Report report = compare(bill("stranger,999999999"));
    assertThat(whys(report))
        .containsExactly("ambiguous", "client_left", "cut", "excess", "unknown_to_us");
    assertThat(report.unexplained()).isEqualTo(Nanos.of(999_999_999));
    assertThat(report.difference())
        .isEqualTo(
            report.lines().stream()
                .map(Comparison.Line::difference)
                .reduce(Nanos.ZERO, Nanos::plus));
  }

  /// A whole answer whose usage was not told is counted, and may be billed up to the hold.
  @Test
  void whatWasCountedIsListedAndExplained() throws Exception {
    Answer counted = call("\"tokens\":5,\"omit_usage\":true,\"bill_nano_usd\":300000");
    assertThat(house.ending(counted.id()).estimated()).isTrue();
    long held = Long.parseLong(counted.header("x-faregate-held-nano-usd"));
    Exposure.Report report = new Exposure(house.database()).of(month());
    assertThat(report.lines()).extracting(Exposure.Line::why).containsExactly("estimated");
    assertThat(report.open()).isEqualTo(Nanos.of(held).minus(charge(counted)));
    assertThat(whys(compare(bill()))).containsExactly("estimated");
    bills.round();
    assertThat(new Exposure(house.database()).of(month()).open()).isEqualTo(Nanos.ZERO);
    assertThat(charge(counted)).isEqualTo(Nanos.of(300_000));
  }

  @Test
  void namesWhatTheirBookLacksAndWhatItHadBefore() throws Exception {
    Answer known = call("\"tokens\":5,\"bill_nano_usd\":1234");
    Nanos first = charge(known);
    bills.round();
    Answer unknown = call("\"tokens\":5");
    Nanos uncontested = charge(unknown);
    Path file =
        Files.writeString(
            folder.resolve("old.csv"),
            "request_id,nano_usd\n" + house.bill(known.id()).id() + "," + first.value() + "\n");
    Comparison.Report report = compare(file);
    assertThat(whys(report)).containsExactly("adjusted_later", "unknown_to_them");
    assertThat(report.unexplained()).isEqualTo(uncontested);
  }

  @Test
  void whatNobodyCanExplainIsShown() throws Exception {
    Answer answer = call("\"tokens\":5,\"bill_nano_usd\":500000");
    house.ended(answer.id());
    Comparison.Report report = compare(bill());
    assertThat(whys(report)).containsExactly("unexplained");
    assertThat(report.unexplained()).isEqualTo(Nanos.of(500_000).minus(charge(answer)));
  }

  @ParameterizedTest
  @CsvSource({
    "5, 0, HALF_UP, rounding",
    "5, 10000, HALF_UP, unexplained",
    "9, 700, FLOOR, unexplained",
    "9, 1, FLOOR, unexplained"
  })
  void aBillInUsdIsNoFinerThanItsPlaces(int places, long more, RoundingMode mode, String why)
      throws Exception {
    Answer answer = call("\"tokens\":5");
    long charge = charge(answer).value();
    assertThat(charge % 10_000).isNotZero();
    String usd =
        new BigDecimal(Nanos.of(charge + more).usd()).setScale(places, mode).toPlainString();
    Path file =
        Files.writeString(
            folder.resolve("usd.csv"),
            "request_id,usd\n" + house.bill(answer.id()).id() + "," + usd + "\n");
    assertThat(whys(compare(file))).containsExactly(why);
  }

  @Test
  void exposureTellsWhatIsOpenAndWhatBillsHaveSettled() throws Exception {
    List<String> read = new ArrayList<>();
    CallId left =
        client.leaveAfter(
            client.chat(
                "\"stream\":true",
                "\"max_tokens\":200",
                "\"sandbox\":{\"tokens\":200,\"chunk_ms\":20}"),
            3,
            read);
    Answer silent = client.post(client.chat("\"max_tokens\":40", "\"sandbox\":{\"reset\":true}"));
    house.ended(left);
    house.ended(silent.id());
    Exposure.Report before = new Exposure(house.database()).of(month());
    assertThat(before.lines())
        .extracting(Exposure.Line::charge)
        .containsExactly(house.ending(left).charge(), Nanos.ZERO);
    assertThat(before.lines()).extracting(Exposure.Line::call).containsExactly(left, silent.id());
    assertThat(before.lines())
        .extracting(Exposure.Line::why)
        .containsExactly("client_left", "ambiguous");
    assertThat(before.lines()).extracting(Exposure.Line::provider).containsOnly("one");
    assertThat(before.settled()).isEqualTo(Nanos.ZERO);
    assertThat(before.open())
        .isEqualTo(
            Nanos.of(house.incident(left, "exposure") + house.incident(silent.id(), "exposure")));
    house.bill(left);
    await().until(() -> bills.round() == 1);
    Exposure.Report after = new Exposure(house.database()).of(month());
    assertThat(after.settled()).isEqualTo(Nanos.of(house.incident(left, "exposure")));
    assertThat(after.open()).isEqualTo(Nanos.of(house.incident(silent.id(), "exposure")));
  }
}
