package faregate.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import faregate.gateway.Client.Answer;
import faregate.gateway.RunningHouse.Guest;
import faregate.id.WalletId;
import faregate.identity.Group;
import faregate.identity.Limit.Scope;
import faregate.identity.NewToken;
import faregate.identity.Organizations;
import faregate.identity.Payer;
import faregate.identity.Role;
import faregate.identity.Tier;
import faregate.identity.TokenRequest;
import faregate.kit.Clock;
import faregate.kit.ShiftedClock;
import faregate.ledger.GrantCommand;
import faregate.ledger.GrantOutcome;
import faregate.ledger.LedgerReads;
import faregate.ledger.LotKind;
import faregate.ledger.Reply;
import faregate.ledger.ResizeCommand;
import faregate.ledger.ResizeOutcome;
import faregate.money.Nanos;
import faregate.usage.FactsCodec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// Who pays, how much beyond the credit, and under which limits: through the door, over real
/// sockets, on a ledger whose months a test can turn.
class PayersTest {
  private static final CallSettings QUICK = new CallSettings(60, 1, 1_000, 20, 20, 1, 10, 1 << 20);
  private static final String BILL_TO = "X-HF-Bill-To";
  private static final long PROMPT = 11 * 1_000;
  private static final long TOKEN = 10_000;
  private static final long LONGEST_MONTH_DAYS = 31;
  private static final AtomicInteger NUMBERS = new AtomicInteger();
  @TempDir private static Path folder;
  private static RunningHouse house;
  private static long shiftMicros;
  private String alice = "";
  private String acme = "";
  private Guest guest = new Guest("", new WalletId(1));
  private Client client = new Client(1, "", "");

  @BeforeAll
  static void open() throws Exception {
    house =
        new RunningHouse(
            folder.resolve("payers.db"),
            QUICK,
            server -> server,
            Meters.NONE,
            Clock.system(),
            new ShiftedClock(folder.resolve("shift")));
  }

  @AfterAll
  static void close() throws Exception {
    LedgerReads.AuditReport audit = house.ledger().audit();
    assertThat(audit.wrong()).isNull();
    assertThat(audit.holds()).isZero();
    house.close();
  }

  @BeforeEach
  void meet() {
    int number = NUMBERS.incrementAndGet();
    alice = "alice" + number;
    acme = "acme" + number;
    enter(alice, Tier.FREE, number);
  }

  private void enter(String name, Tier tier, int model) {
    guest = house.guest(name, tier);
    client = new Client(house.port(), guest.token(), "test/m" + model + ":one");
  }

  private static Organizations organizations() {
    return house.identities().organizations();
  }

  private Payer organization(Tier tier, long seats, Role role) {
    Payer made = RunningHouse.done(organizations().create(acme, tier, seats));
    RunningHouse.done(organizations().addMember(acme, alice, role));
    return made;
  }

  /// A call that costs exactly so many tokens and its prompt.
  private String tokens(long count) {
    return client.chat("\"max_tokens\":" + count, "\"sandbox\":{\"tokens\":" + count + "}");
  }

  private Answer billed(String payer, long tokens) throws Exception {
    return client.post(tokens(tokens), BILL_TO, payer);
  }

  private static long cost(long tokens) {
    return PROMPT + tokens * TOKEN;
  }

  private static Guest of(Payer payer) {
    return new Guest("", payer.wallet());
  }

  private static long posted(WalletId wallet, LotKind kind) {
    return house.ledger().lots(wallet).stream()
        .filter(lot -> lot.kind() == kind)
        .mapToLong(lot -> lot.posted().value())
        .sum();
  }

  private static long granted(WalletId wallet, LotKind kind) {
    return house.ledger().lots(wallet).stream()
        .filter(lot -> lot.kind() == kind)
        .mapToLong(lot -> lot.granted().value())
        .sum();
  }

  // ---- who pays ----

  @Test
  void anOrganizationPaysOnlyWhenItIsNamed() throws Exception {
    Payer payer = organization(Tier.TEAM, 3, Role.WRITE);
    Answer answer = billed(acme, 20);
    assertThat(answer.status()).as(answer.raw().body()).isEqualTo(200);
    assertThat(house.posted(of(payer))).isEqualTo(Nanos.of(cost(20)));
    assertThat(house.posted(guest)).isEqualTo(Nanos.ZERO);
    assertThat(granted(payer.wallet(), LotKind.GRANT)).isEqualTo(6_000_000_000L);
    assertThat(FactsCodec.decode(house.ended(answer.id()).facts()).payment().account())
        .as("who spent it")
        .isEqualTo(account());
    assertThat(client.post(tokens(10)).status()).isEqualTo(200);
    assertThat(house.posted(guest)).isEqualTo(Nanos.of(cost(10)));
    assertThat(house.posted(of(payer))).isEqualTo(Nanos.of(cost(20)));
  }

  private long account() {
    return RunningHouse.done(organizations().payer(alice)).account().value();
  }

  @Test
  void moreSeatsAddAndFewerTakeNothingBack() throws Exception {
    Payer payer = organization(Tier.TEAM, 1, Role.CONTRIBUTOR);
    for (long seats : new long[] {1, 3, 2, 3}) {
      RunningHouse.done(organizations().setSeats(acme, seats));
      assertThat(billed(acme, 1).status()).isEqualTo(200);
      assertThat(granted(payer.wallet(), LotKind.GRANT))
          .as("%d seats", seats)
          .isEqualTo(seats == 1 ? 2_000_000_000L : 6_000_000_000L);
    }
  }

  @Test
  void nobodySpendsWhatIsNotTheirs() throws Exception {
    Payer payer = organization(Tier.ENTERPRISE, 1, Role.READ);
    Group group = RunningHouse.done(organizations().createGroup(acme, "lab"));
    long seen = house.callsSeen();
    refused(billed(acme, 1), "on behalf of org " + acme, "role read");
    refused(billed("nobody-at-all", 1), "on behalf of org nobody-at-all", "ask an admin");
    RunningHouse.done(organizations().addMember(acme, alice, Role.WRITE));
    refused(billed(group.hubId(), 1), "on behalf of org " + group.hubId(), "resource group");
    RunningHouse.done(organizations().removeMember(acme, alice));
    refused(billed(acme, 1), "on behalf of org " + acme, "leave out X-HF-Bill-To");
    assertThat(house.callsSeen()).as("calls that providers saw").isEqualTo(seen);
    assertThat(house.posted(of(payer))).isEqualTo(Nanos.ZERO);
    assertThat(house.posted(guest)).isEqualTo(Nanos.ZERO);
  }

  private static void refused(Answer answer, String... words) {
    assertThat(answer.status()).as(answer.raw().body()).isEqualTo(403);
    assertThat(answer.error().path("code").asString()).isEqualTo("missing_permission");
    assertThat(answer.error().path("message").asString()).contains(words);
  }

  @Test
  void aTokenMayHaveAPayerOfItsOwn() throws Exception {
    Payer payer = organization(Tier.TEAM, 1, Role.WRITE);
    NewToken token = house.token(TokenRequest.of(alice));
    RunningHouse.done(organizations().setDefaultPayer(token.token().id(), acme));
    Client holder = new Client(house.port(), token.secret().reveal(), "test/m149:one");
    assertThat(holder.post(tokens(5)).status()).isEqualTo(200);
    assertThat(house.posted(of(payer))).isEqualTo(Nanos.of(cost(5)));
    assertThat(holder.post(tokens(7), BILL_TO, alice).status()).isEqualTo(200);
    assertThat(house.posted(guest)).isEqualTo(Nanos.of(cost(7)));
    RunningHouse.done(organizations().removeMember(acme, alice));
    refused(holder.post(tokens(5)), "on behalf of org " + acme);
    assertThat(house.posted(guest)).as("never the user instead").isEqualTo(Nanos.of(cost(7)));
  }

  // ---- spending limits ----

  @ParameterizedTest
  @EnumSource(names = {"ACCOUNT", "MEMBER", "GROUP"})
  void aLimitThatIsReachedIsNamed(Scope scope) throws Exception {
    Payer payer = organization(Tier.ENTERPRISE, 1, Role.WRITE);
    Group lab = RunningHouse.done(organizations().createGroup(acme, "lab"));
    RunningHouse.done(organizations().setGroupMember(acme, "lab", alice, true));
    String subject = scope == Scope.MEMBER ? alice : scope == Scope.GROUP ? "lab" : "";
    RunningHouse.done(organizations().limit(acme, scope, subject, Nanos.of(1_200_000)));
    Answer first = billed(lab.hubId(), 100);
    assertThat(first.status()).isEqualTo(200);
    assertThat(FactsCodec.decode(house.ended(first.id()).facts()).payment().group())
        .isEqualTo(lab.id());
    Answer answer = billed(lab.hubId(), 100);
    assertThat(answer.status()).as(answer.raw().body()).isEqualTo(402);
    assertThat(answer.error().path("code").asString()).isEqualTo("insufficient_credit");
    assertThat(answer.error().path("left_nano_usd").longValue()).isEqualTo(1_200_000 - cost(100));
    assertThat(answer.error().path("message").asString())
        .contains("spending limit")
        .contains(
            switch (scope) {
              case MEMBER -> "this member of " + acme;
              case GROUP -> "this resource group of " + acme;
              case ACCOUNT, PAYG, TOKEN -> "organization " + acme;
            });
    RunningHouse.done(organizations().limit(acme, scope, subject, Nanos.of(3_000_000)));
    assertThat(billed(lab.hubId(), 100).status()).as("raised, felt at once").isEqualTo(200);
    RunningHouse.done(organizations().limit(acme, scope, subject, null));
    assertThat(billed(lab.hubId(), 200).status()).as("no limit any more").isEqualTo(200);
    assertThat(house.posted(of(payer)).value()).isGreaterThan(cost(100) * 2 + cost(200));
    assertThat(posted(payer.wallet(), LotKind.GRANT)).isEqualTo(cost(100) * 2 + cost(200));
  }

  /// A limit is for the month, whenever it is set: what the month had cost is no longer free, and
  /// to take a limit away and set it again forgets nothing.
  @ParameterizedTest
  @EnumSource(names = {"ACCOUNT", "MEMBER", "GROUP", "TOKEN"})
  void aLimitThatIsSetInMidMonthCountsWhatTheMonthHasCost(Scope scope) throws Exception {
    organization(Tier.ENTERPRISE, 1, Role.WRITE);
    Group lab = RunningHouse.done(organizations().createGroup(acme, "lab"));
    RunningHouse.done(organizations().setGroupMember(acme, "lab", alice, true));
    String subject = subject(scope);
    assertThat(billed(lab.hubId(), 100).status()).isEqualTo(200);
    limited(scope, subject, 2_500_000);
    assertThat(left(lab, 200)).isEqualTo(2_500_000 - cost(100));
    assertThat(billed(lab.hubId(), 50).status()).isEqualTo(200);
    assertThat(left(lab, 200)).isEqualTo(2_500_000 - cost(100) - cost(50));
    RunningHouse.done(organizations().limit(acme, scope, subject, null));
    assertThat(billed(lab.hubId(), 60).status()).isEqualTo(200);
    limited(scope, subject, 2_600_000);
    assertThat(left(lab, 200)).isEqualTo(2_600_000 - cost(100) - cost(50) - cost(60));
    limited(scope, subject, 1_000);
    assertThat(left(lab, 200)).as("lower than what was spent").isZero();
    limited(scope, subject, 4_000_000);
    assertThat(billed(lab.hubId(), 100).status()).isEqualTo(200);
    assertThat(left(lab, 200)).isEqualTo(4_000_000 - cost(100) * 2 - cost(50) - cost(60));
  }

  private void limited(Scope scope, String subject, long nanos) {
    RunningHouse.done(organizations().limit(acme, scope, subject, Nanos.of(nanos)));
  }

  /// What a call that is too dear is told to be left.
  private long left(Group group, long tokens) throws Exception {
    Answer answer = billed(group.hubId(), tokens);
    assertThat(answer.status()).as(answer.raw().body()).isEqualTo(402);
    return answer.error().path("left_nano_usd").longValue();
  }

  @Test
  void aThousandAtOnceStayWithinALimit() throws Exception {
    Payer payer = organization(Tier.TEAM, 1, Role.WRITE);
    RunningHouse.done(organizations().limit(acme, Scope.MEMBER, alice, Nanos.of(50_000_000)));
    List<CompletableFuture<Answer>> calls = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      calls.add(client.postLater(tokens(900), BILL_TO, acme));
    }
    long served = 0;
    for (CompletableFuture<Answer> call : calls) {
      int status = call.get(60, TimeUnit.SECONDS).status();
      assertThat(status).isIn(200, 402, 429);
      served += status == 200 ? 1 : 0;
    }
    assertThat(posted(payer.wallet(), LotKind.LIMIT))
        .isEqualTo(served * cost(900))
        .isLessThanOrEqualTo(50_000_000);
    assertThat(posted(payer.wallet(), LotKind.GRANT)).isEqualTo(served * cost(900));
    assertThat(served).isEqualTo(5);
  }

  /// Every kind of limit, and all of them on one call: the tightest one says how many are served.
  @ParameterizedTest
  @CsvSource({"ACCOUNT", "GROUP", "TOKEN", "ACCOUNT MEMBER GROUP TOKEN"})
  void limitsHoldUnderParallelCalls(String scopes) throws Exception {
    Payer payer = organization(Tier.ENTERPRISE, 1, Role.WRITE);
    Group lab = RunningHouse.done(organizations().createGroup(acme, "lab"));
    RunningHouse.done(organizations().setGroupMember(acme, "lab", alice, true));
    long tightest = 3 * cost(900) + 500_000;
    List<String> names = List.of(scopes.split(" "));
    for (String name : names) {
      Scope scope = Scope.valueOf(name);
      boolean isLast = name.equals(names.getLast());
      limited(scope, subject(scope), isLast ? tightest : tightest + cost(900));
    }
    List<CompletableFuture<Answer>> calls = new ArrayList<>();
    for (int i = 0; i < 150; i++) {
      calls.add(client.postLater(tokens(900), BILL_TO, lab.hubId()));
    }
    long served = 0;
    for (CompletableFuture<Answer> call : calls) {
      int status = call.get(60, TimeUnit.SECONDS).status();
      assertThat(status).isIn(200, 402, 429);
      served += status == 200 ? 1 : 0;
    }
    assertThat(served).isEqualTo(3);
    assertThat(posted(payer.wallet(), LotKind.LIMIT)).isEqualTo(names.size() * 3L * cost(900));
    assertThat(posted(payer.wallet(), LotKind.GRANT)).isEqualTo(3 * cost(900));
  }

  /// Who or what of these tests a limit of that kind is for.
  private String subject(Scope scope) {
    return switch (scope) {
      case MEMBER -> alice;
      case GROUP -> "lab";
      case TOKEN ->
          house.identities().tokens().stream()
              .filter(each -> each.userName().equals(alice))
              .findFirst()
              .orElseThrow()
              .id()
              .toString();
      case ACCOUNT, PAYG -> "";
    };
  }

  // ---- beyond the credit ----

  @Test
  void payAsYouGoEndsExactlyAtItsLimit() throws Exception {
    String bob = "bob" + NUMBERS.get();
    enter(bob, Tier.PRO, NUMBERS.incrementAndGet());
    payg(bob, 50_000_000);
    for (int call = 0; call < 12; call++) {
      assertThat(client.post(tokens(16_384)).status()).isEqualTo(200);
    }
    assertThat(posted(guest.wallet(), LotKind.POSTPAID)).as("used last").isZero();
    long left = 2_050_000_000 - 12 * cost(16_384);
    while (left > cost(1_000) + PROMPT * 10) {
      assertThat(client.post(tokens(1_000)).status()).isEqualTo(200);
      left -= cost(1_000);
    }
    gone(left);
    payg(bob, 60_000_000);
    assertThat(client.post(tokens(1_000)).status()).as("raised, felt at once").isEqualTo(200);
    payg(bob, 0);
    gone(0);
    assertThat(granted(guest.wallet(), LotKind.POSTPAID))
        .as("never below what is used")
        .isEqualTo(posted(guest.wallet(), LotKind.POSTPAID));
  }

  private static void payg(String name, long nanos) {
    RunningHouse.done(organizations().limit(name, Scope.PAYG, "", Nanos.of(nanos)));
  }

  private void gone(long left) throws Exception {
    gone(1_000, left);
  }

  private void gone(long tokens, long left) throws Exception {
    Answer answer = client.post(tokens(tokens));
    assertThat(answer.status()).as(answer.raw().body()).isEqualTo(402);
    assertThat(answer.error().path("code").asString()).isEqualTo("insufficient_credit");
    assertThat(answer.error().path("left_nano_usd").longValue()).isEqualTo(left);
  }

  @Test
  void aFreeUserStopsUntilTheMonthTurns() throws Exception {
    payg(alice, 1_000_000_000);
    assertThat(client.post(tokens(9_900)).status()).isEqualTo(200);
    gone(100_000_000 - cost(9_900));
    shiftMicros += TimeUnit.DAYS.toMicros(LONGEST_MONTH_DAYS);
    Files.writeString(folder.resolve("shift"), Long.toString(shiftMicros));
    await().atMost(Duration.ofSeconds(20)).until(() -> client.post(tokens(100)).status() == 200);
    gone(9_900, 100_000_000 - cost(100));
  }

  // ---- purchases ----

  @Test
  void aReversedPurchaseIsOwedAndTheNextOnePaysIt() throws Exception {
    assertThat(buy("pay-1", "0.05")).isInstanceOf(GrantOutcome.Granted.class);
    assertThat(buy("pay-1", "0.05")).isInstanceOf(GrantOutcome.GrantedBefore.class);
    assertThat(buy("pay-1", "0.06")).isInstanceOf(GrantOutcome.Different.class);
    assertThat(client.post(tokens(9_900)).status()).isEqualTo(200);
    assertThat(client.post(tokens(1_000)).status()).isEqualTo(200);
    long used = cost(9_900) + cost(1_000) - 100_000_000;
    assertThat(posted(guest.wallet(), LotKind.PURCHASED)).isEqualTo(used);
    reverse("pay-1");
    reverse("pay-1");
    gone(0);
    assertThat(debt()).isEqualTo(used);
    assertThat(buy("pay-2", "0.005")).isInstanceOf(GrantOutcome.Granted.class);
    assertThat(debt()).as("paid as far as it goes").isEqualTo(used - 5_000_000);
    gone(0);
    assertThat(buy("pay-3", "0.05")).isInstanceOf(GrantOutcome.Granted.class);
    assertThat(debt()).isZero();
    gone(9_900, 55_000_000 - used);
    assertThat(client.post(tokens(1_000)).status()).isEqualTo(200);
    assertThat(house.ledger().audit().wrong()).isNull();
  }

  private GrantOutcome buy(String ref, String usd) throws Exception {
    CompletableFuture<GrantOutcome> done = new CompletableFuture<>();
    house
        .ledger()
        .grant(
            new GrantCommand(
                guest.wallet(),
                LotKind.PURCHASED,
                Nanos.ofUsd(usd),
                0,
                Long.MAX_VALUE,
                GrantCommand.PURCHASE + ref,
                "purchase"),
            Reply.future(done));
    return done.get(10, TimeUnit.SECONDS);
  }

  private void reverse(String ref) throws Exception {
    LedgerReads.Lot lot =
        house.ledger().lots(guest.wallet()).stream()
            .filter(each -> each.ref().equals(GrantCommand.PURCHASE + ref))
            .findFirst()
            .orElseThrow();
    CompletableFuture<ResizeOutcome> done = new CompletableFuture<>();
    house
        .ledger()
        .resize(
            new ResizeCommand(
                guest.wallet(), lot.id(), Nanos.ZERO, "reversal:" + ref, "taken back"),
            Reply.future(done));
    done.get(10, TimeUnit.SECONDS);
  }

  private long debt() {
    return house.ledger().lots(guest.wallet()).stream().mapToLong(lot -> lot.debt().value()).sum();
  }
}
