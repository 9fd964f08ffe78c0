package faregate.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import faregate.gateway.Client.Answer;
import faregate.gateway.RunningHouse.Guest;
import faregate.id.CallId;
import faregate.id.WalletId;
import faregate.identity.Group;
import faregate.identity.Limit.Scope;
import faregate.identity.MonthlyGrant;
import faregate.identity.NewToken;
import faregate.identity.Organizations;
import faregate.identity.Outcome;
import faregate.identity.Payer;
import faregate.identity.Role;
import faregate.identity.Tier;
import faregate.identity.TierSettings;
import faregate.identity.TokenRequest;
import faregate.kit.Clock;
import faregate.kit.ShiftedClock;
import faregate.ledger.Credit;
import faregate.ledger.EndOutcome;
import faregate.ledger.HoldCommand;
import faregate.ledger.HoldOutcome;
import faregate.ledger.Ledger.CallRef;
import faregate.ledger.LedgerReads;
import faregate.ledger.LedgerReads.Lot;
import faregate.ledger.LotKind;
import faregate.ledger.Reply;
import faregate.ledger.SettleCommand;
import faregate.money.Nanos;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What a change of tier and the turn of the month do to credit and limits, through the door.
class TiersTest {
  private static final CallSettings QUICK = new CallSettings(60, 1, 1_000, 20, 20, 1, 10, 1 << 20);
  private static final String BILL_TO = "X-HF-Bill-To";
  private static final byte[] NO_FACTS = {};
  private static final long PROMPT = 11 * 1_000;
  private static final long TOKEN = 10_000;
  private static final long SECOND = 1_000_000;
  private static final AtomicInteger NUMBERS = new AtomicInteger();
  @TempDir private static Path folder;
  private static RunningHouse house;
  private String alice = "";
  private String acme = "";
  private Guest guest = new Guest("", new WalletId(1));
  private Client client = new Client(1, "", "");

  @BeforeAll
  static void open() throws Exception {
    house =
        new RunningHouse(
            folder.resolve("tiers.db"),
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
    house.close();
  }

  @BeforeEach
  void meet() {
    int number = NUMBERS.incrementAndGet();
    alice = "alice" + number;
    acme = "acme" + number;
    guest = house.guest(alice, Tier.FREE);
    client = client(guest.token());
  }

  private static Client client(String token) {
    return new Client(house.port(), token, "test/m" + NUMBERS.get() + ":one");
  }

  private static Organizations organizations() {
    return house.identities().organizations();
  }

  private Payer organization(Tier tier, long seats) {
    Payer made = RunningHouse.done(organizations().create(acme, tier, seats));
    RunningHouse.done(organizations().addMember(acme, alice, Role.WRITE));
    return made;
  }

  private void tier(Tier tier) {
    RunningHouse.done(house.identities().setTier(alice, tier));
  }

  private static void limit(String payer, Scope scope, String subject, long nanos) {
    RunningHouse.done(organizations().limit(payer, scope, subject, Nanos.of(nanos)));
  }

  private static long cost(long tokens) {
    return PROMPT + tokens * TOKEN;
  }

  private String tokens(long count) {
    return client.chat("\"max_tokens\":" + count, "\"sandbox\":{\"tokens\":" + count + "}");
  }

  private static void served(Answer answer) {
    assertThat(answer.status()).as(answer.raw().body()).isEqualTo(200);
  }

  private static void refused(Answer answer, long left, String words) {
    assertThat(answer.status()).as(answer.raw().body()).isEqualTo(402);
    assertThat(answer.error().path("code").asString()).isEqualTo("insufficient_credit");
    assertThat(answer.error().path("message").asString()).contains(words);
    assertThat(answer.error().path("left_nano_usd").longValue()).isEqualTo(left);
  }

  private static long sum(WalletId wallet, LotKind kind, Function<Lot, Nanos> figure) {
    return house.ledger().lots(wallet).stream()
        .filter(lot -> lot.kind() == kind)
        .mapToLong(lot -> figure.apply(lot).value())
        .sum();
  }

  private static long granted(WalletId wallet, LotKind kind) {
    return sum(wallet, kind, Lot::granted);
  }

  private static long posted(WalletId wallet, LotKind kind) {
    return sum(wallet, kind, Lot::posted);
  }

  private static Credit credit(WalletId wallet) {
    return new Credit(house.ledger().lots(wallet), house.ledger().nowMicros());
  }

  // ---- what other calls of the wallet do, without a provider ----

  private static CallRef hold(WalletId wallet, long nanos) throws Exception {
    CallRef call = new CallRef(new CallId(house.database().ids().next()), wallet);
    Nanos amount = Nanos.of(nanos);
    CompletableFuture<HoldOutcome> held = new CompletableFuture<>();
    house
        .ledger()
        .hold(
            new HoldCommand(
                call.id(),
                wallet,
                List.of(),
                amount,
                amount,
                amount,
                house.ledger().nowMicros() + 600 * SECOND,
                0,
                "test"),
            Reply.future(held));
    assertThat(held.get(10, TimeUnit.SECONDS)).isInstanceOf(HoldOutcome.Held.class);
    return call;
  }

  private static void settle(CallRef call, long nanos) throws Exception {
    CompletableFuture<EndOutcome> ended = new CompletableFuture<>();
    house
        .ledger()
        .settle(
            new SettleCommand(call, Nanos.of(nanos), Nanos.ZERO, Nanos.ZERO, false, NO_FACTS),
            Reply.future(ended));
    assertThat(ended.get(10, TimeUnit.SECONDS)).isInstanceOf(EndOutcome.Ended.class);
  }

  private static void spend(WalletId wallet, long nanos) throws Exception {
    settle(hold(wallet, nanos), nanos);
  }

  /// Sets the ledger's clock, and waits until the ledger has seen it.
  private static void turnTo(long micros) throws Exception {
    Files.writeString(folder.resolve("shift"), Long.toString(micros - Clock.system().micros()));
    await()
        .until(
            () -> {
              CompletableFuture<EndOutcome> seen = new CompletableFuture<>();
              CallRef nobody =
                  new CallRef(new CallId(house.database().ids().next()), new WalletId(1));
              house.ledger().release(nobody, Nanos.ZERO, "test", NO_FACTS, Reply.future(seen));
              seen.get(10, TimeUnit.SECONDS);
              return house.ledger().nowMicros() >= micros;
            });
  }

  private static long nextMonth() {
    return MonthlyGrant.startOf(MonthlyGrant.month(house.ledger().nowMicros()).plusMonths(1));
  }

  // ---- changes of tier ----

  /// A month's grant is the highest entitlement reached in it; what may be spent beyond it ends
  /// with the tier that allows it.
  @Test
  void upAndDownAgainMintsNothingAndLeavesNoPayAsYouGoBehind() throws Exception {
    limit(alice, Scope.PAYG, "", 50_000_000);
    served(client.post(tokens(10)));
    WalletId wallet = guest.wallet();
    assertThat(granted(wallet, LotKind.GRANT)).isEqualTo(100_000_000);
    assertThat(granted(wallet, LotKind.POSTPAID)).as("none on the free tier").isZero();
    spend(wallet, 100_000_000 - cost(10));
    refused(client.post(tokens(10)), 0, "Ask your operator for the pro tier");

    tier(Tier.PRO);
    served(client.post(tokens(10)));
    assertThat(granted(wallet, LotKind.GRANT)).isEqualTo(2_000_000_000);
    assertThat(granted(wallet, LotKind.POSTPAID)).isEqualTo(50_000_000);
    spend(wallet, 1_900_000_000 - cost(10));
    spend(wallet, 10_000_000);
    CallRef running = hold(wallet, 20_000_000);

    tier(Tier.FREE);
    refused(client.post(tokens(10)), 0, "monthly included credits");
    assertThat(granted(wallet, LotKind.POSTPAID)).as("used, and under way").isEqualTo(30_000_000);
    settle(running, 5_000_000);
    refused(client.post(tokens(10)), 0, "monthly included credits");
    assertThat(granted(wallet, LotKind.POSTPAID)).as("not spent again").isEqualTo(15_000_000);
    assertThat(granted(wallet, LotKind.GRANT)).as("not taken back").isEqualTo(2_000_000_000);

    tier(Tier.TEAM);
    served(client.post(tokens(10)));
    assertThat(granted(wallet, LotKind.GRANT)).as("not minted again").isEqualTo(2_000_000_000);
    assertThat(granted(wallet, LotKind.POSTPAID)).isEqualTo(50_000_000);
    assertThat(posted(wallet, LotKind.POSTPAID)).isEqualTo(15_000_000 + cost(10));
  }

  @Test
  void anOrganizationMovesBetweenItsTiersInMidMonth() throws Exception {
    house.tiers(usd("0.10", "2", "2", "5", false));
    try {
      Payer team = organization(Tier.TEAM, 2);
      limit(acme, Scope.PAYG, "", 7_000_000);
      served(client.post(tokens(10), BILL_TO, acme));
      WalletId wallet = team.wallet();
      assertThat(granted(wallet, LotKind.GRANT)).isEqualTo(4_000_000_000L);
      assertThat(organizations().createGroup(acme, "lab")).isInstanceOf(Outcome.Refused.class);

      RunningHouse.done(organizations().setTier(acme, Tier.ENTERPRISE));
      served(client.post(tokens(10), BILL_TO, acme));
      assertThat(granted(wallet, LotKind.GRANT)).isEqualTo(10_000_000_000L);
      Group lab = RunningHouse.done(organizations().createGroup(acme, "lab"));
      RunningHouse.done(organizations().setGroupMember(acme, "lab", alice, true));
      served(client.post(tokens(10), BILL_TO, lab.hubId()));

      RunningHouse.done(organizations().setTier(acme, Tier.TEAM));
      served(client.post(tokens(10), BILL_TO, acme));
      assertThat(granted(wallet, LotKind.GRANT)).as("not taken back").isEqualTo(10_000_000_000L);
      assertThat(granted(wallet, LotKind.POSTPAID)).isEqualTo(7_000_000);
      assertThat(posted(wallet, LotKind.GRANT)).isEqualTo(4 * cost(10));
      served(client.post(tokens(10), BILL_TO, lab.hubId()));
      assertThat(organizations().createGroup(acme, "two")).isInstanceOf(Outcome.Refused.class);

      RunningHouse.done(organizations().setTier(acme, Tier.ENTERPRISE));
      served(client.post(tokens(10), BILL_TO, acme));
      assertThat(granted(wallet, LotKind.GRANT)).as("not minted").isEqualTo(10_000_000_000L);
      assertThat(organizations().setTier(acme, Tier.PRO)).isInstanceOf(Outcome.Malformed.class);
    } finally {
      house.tiers(TierSettings.standard());
    }
  }

  @Test
  void anUpgradeInMidMonthAddsWhatItsTierHasMore() throws Exception {
    house.tiers(usd("0.10", "2", "5", "5", false));
    try {
      List<String> granted = new ArrayList<>();
      for (Tier tier : List.of(Tier.FREE, Tier.PRO, Tier.TEAM, Tier.FREE, Tier.PRO, Tier.TEAM)) {
        tier(tier);
        granted.add(grantedNow());
      }
      assertThat(granted).containsExactly("$0.1", "$2", "$5", "$5", "$5", "$5");
    } finally {
      house.tiers(TierSettings.standard());
    }
  }

  /// What the month's credit comes to while the configured amounts change, for one tier.
  @ParameterizedTest
  @CsvSource({
    "PRO,  0 2 2 2,      0.10 2 2 2, $2",
    "TEAM, 0.10 2 2 2,   0.10 1 2 2, $2",
    "TEAM, 0.10 0.10 2 2, 0.10 2 2 2, $2",
    "PRO,  0.10 2 2 2,   0.20 2 2 2, $2",
    "FREE, 0.10 2 2 2,   0.20 2 2 2, $0.1",
    "PRO,  0.10 2 2 2,   0.10 3 3 3, $2",
    "PRO,  0.10 2 2 2,   0 0 0 0, $2",
  })
  void otherAmountsInMidMonthMintNothing(Tier tier, String before, String after, String granted)
      throws Exception {
    tier(tier);
    try {
      house.tiers(usd(before));
      assertThat(grantedNow()).isEqualTo(granted);
      house.tiers(usd(after));
      assertThat(grantedNow()).isEqualTo(granted);
      house.tiers(usd(before));
      assertThat(grantedNow()).isEqualTo(granted);
    } finally {
      house.tiers(TierSettings.standard());
    }
  }

  /// The smaller tier's amount changed since it was granted, which costs the upgrade nothing else.
  @Test
  void anUpgradeAfterOtherAmountsStillAddsWhatItsTierHasMore() throws Exception {
    try {
      house.tiers(usd("0.10 2 2 2"));
      assertThat(grantedNow()).isEqualTo("$0.1");
      house.tiers(usd("0.20 2 5 5"));
      tier(Tier.PRO);
      assertThat(grantedNow()).isEqualTo("$1.9");
      tier(Tier.TEAM);
      assertThat(grantedNow()).isEqualTo("$4.9");
    } finally {
      house.tiers(TierSettings.standard());
    }
  }

  /// What the wallet has of the month's credit, after a call.
  private String grantedNow() throws Exception {
    served(client.post(tokens(1)));
    return Nanos.of(granted(guest.wallet(), LotKind.GRANT)).toString();
  }

  private static TierSettings usd(String amounts) {
    String[] each = amounts.split(" ", 4);
    return usd(each[0], each[1], each[2], each[3], false);
  }

  private static TierSettings usd(
      String free, String pro, String team, String enterprise, boolean mayBuy) {
    Map<Tier, Nanos> monthly =
        Map.of(
            Tier.FREE, Nanos.ofUsd(free),
            Tier.PRO, Nanos.ofUsd(pro),
            Tier.TEAM, Nanos.ofUsd(team),
            Tier.ENTERPRISE, Nanos.ofUsd(enterprise));
    return new TierSettings(monthly, Nanos.ZERO, mayBuy);
  }

  // ---- what a refusal says ----

  /// The field's sentence whole, then ours: what is left, what was needed, and when it resets.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          FREE | false | 2    | You have exceeded your monthly included credits for Inference Providers. Subscribe to PRO to get 20x more monthly included credits. FIGURES Ask your operator for the pro tier or for more credit.
          FREE | true  | 2    | You have depleted your monthly included credits. Purchase pre-paid credits to continue using Inference Providers. Alternatively, subscribe to PRO to get 20x more included usage. FIGURES
          FREE | true  | 3    | You have depleted your monthly included credits. Purchase pre-paid credits to continue using Inference Providers. Alternatively, subscribe to PRO to get 30x more included usage. FIGURES
          FREE | true  | 0.25 | You have depleted your monthly included credits. Purchase pre-paid credits to continue using Inference Providers. Alternatively, subscribe to PRO to get more included usage. FIGURES
          FREE | false | 0.10 | You have exceeded your monthly included credits for Inference Providers. FIGURES Ask your operator for the pro tier or for more credit.
          PRO  | false | 0.10 | You have exceeded your monthly included credits for Inference Providers. FIGURES Ask your operator to raise what may be spent beyond the credit, or for more credit.
          PRO  | true  | 0.10 | You have depleted your monthly included credits. Purchase pre-paid credits to continue using Inference Providers. FIGURES Ask your operator to raise what may be spent beyond the credit, or for more credit.
          TEAM | false | 0.10 | The organization ACME has used its monthly included credits and what it may spend beyond them. FIGURES Ask your operator to raise what may be spent beyond the credit, or for more credit.
          """)
  void aRefusalIsTheFieldsSentenceAndThenOurs(
      Tier tier, boolean mayBuy, String pro, String sentence) throws Exception {
    house.tiers(usd("0.10", pro, "0.10", "0.10", mayBuy));
    try {
      if (tier == Tier.TEAM) {
        organization(tier, 1);
      } else {
        tier(tier);
      }
      Answer answer = client.post(tokens(16_000), BILL_TO, tier == Tier.TEAM ? acme : alice);
      assertThat(answer.status()).isEqualTo(402);
      String figures =
          " Left: $0.1; needed: %s; resets on %s (UTC)."
              .formatted(
                  Nanos.of(answer.error().path("needed_nano_usd").longValue()),
                  MonthlyGrant.month(nextMonth()).atDay(1));
      assertThat(answer.error().path("message").asString())
          .isEqualTo(sentence.replace("ACME", acme).replace(" FIGURES", figures));
    } finally {
      house.tiers(TierSettings.standard());
    }
  }

  // ---- the turn of the month ----

  @Test
  void aTeamsCallOverMidnightIsChargedToTheLotsItWasHeldOn() throws Exception {
    Payer team = organization(Tier.TEAM, 2);
    limit(acme, Scope.MEMBER, alice, 1_000_000_000);
    limit(acme, Scope.ACCOUNT, "", 3_000_000_000L);
    limit(acme, Scope.PAYG, "", 7_000_000);
    long midnight = nextMonth();
    turnTo(midnight - 30 * SECOND);
    CompletableFuture<Answer> running =
        client.postLater(
            client.chat(
                "\"stream\":true",
                "\"max_tokens\":100",
                "\"sandbox\":{\"tokens\":100,\"chunk_ms\":20}"),
            BILL_TO,
            acme);
    await().until(() -> sum(team.wallet(), LotKind.GRANT, Lot::pending) > 0);
    turnTo(midnight + SECOND);
    assertThat(sum(team.wallet(), LotKind.GRANT, Lot::pending)).as("still running").isPositive();
    served(client.post(tokens(10), BILL_TO, acme));
    served(running.get(20, TimeUnit.SECONDS));
    await().until(() -> sum(team.wallet(), LotKind.GRANT, Lot::pending) == 0);

    for (Lot lot : house.ledger().lots(team.wallet())) {
      long charge = lot.startsMicros() < midnight ? cost(100) : cost(10);
      assertThat(lot.posted().value())
          .as(lot.ref())
          .isEqualTo(lot.kind() == LotKind.POSTPAID ? 0 : charge);
    }
    assertThat(house.ledger().lots(team.wallet())).as("four lots for each month").hasSize(8);
    assertThat(credit(team.wallet()).available().value())
        .as("nothing rolls over")
        .isEqualTo(4_000_000_000L + 7_000_000 - cost(10));
  }

  @Test
  void aProsMonthBeginsWithItsCreditAndItsLimitAndNoMore() throws Exception {
    tier(Tier.PRO);
    limit(alice, Scope.PAYG, "", 9_000_000);
    limit(alice, Scope.ACCOUNT, "", 1_000_000);
    served(client.post(tokens(10)));
    WalletId wallet = guest.wallet();
    long midnight = nextMonth();
    turnTo(midnight + SECOND);
    served(client.post(tokens(10)));
    assertThat(credit(wallet).available().value()).isEqualTo(2_009_000_000L - cost(10));
    refused(client.post(tokens(100)), 1_000_000 - cost(10), "spending limit of user " + alice);
    tier(Tier.FREE);
    served(client.post(tokens(1)));
    assertThat(granted(wallet, LotKind.POSTPAID))
        .as("last month's is over, and this month's is closed")
        .isEqualTo(9_000_000);
    turnTo(nextMonth() + SECOND);
    served(client.post(tokens(10)));
    assertThat(credit(wallet).available().value()).isEqualTo(100_000_000 - cost(10));
  }

  // ---- limits of tokens ----

  @Test
  void aTokensLimitBindsThatTokenAndThatWalletOnly() throws Exception {
    Payer team = organization(Tier.TEAM, 1);
    NewToken token = house.token(TokenRequest.of(alice));
    limit(acme, Scope.TOKEN, token.token().id().toString(), 1_200_000);
    Client limited = client(token.secret().reveal());
    served(limited.post(tokens(100), BILL_TO, acme));
    refused(
        limited.post(tokens(100), BILL_TO, acme),
        1_200_000 - cost(100),
        "The monthly spending limit of this token is reached.");
    served(limited.post(tokens(100)));
    served(client.post(tokens(100), BILL_TO, acme));
    assertThat(posted(team.wallet(), LotKind.LIMIT)).isEqualTo(cost(100));
    limit(alice, Scope.TOKEN, token.token().id().toString(), 0);
    refused(limited.post(tokens(1)), 0, "this token");
    served(client.post(tokens(1)));
  }
}
