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
import faregate.identity.Outcome;
import faregate.identity.Payer;
import faregate.identity.Role;
import faregate.identity.Tier;
import faregate.identity.TokenRequest;
import faregate.ledger.GrantCommand;
import faregate.ledger.GrantOutcome;
import faregate.ledger.LedgerReads;
import faregate.ledger.LotKind;
import faregate.ledger.Reply;
import faregate.ledger.ResizeCommand;
import faregate.ledger.ResizeOutcome;
import faregate.money.Nanos;
import faregate.store.PostgresServers;
import faregate.store.PostgresSettings;
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
import org.junit.jupiter.params.provider.EnumSource;

/// Who pays, under which limits, through the doors of two nodes on one PostgreSQL.
class PayersOnTwoNodesTest {
  private static final CallSettings QUICK = new CallSettings(60, 1, 1_000, 20, 20, 1, 10, 1 << 20);
  private static final String BILL_TO = "X-HF-Bill-To";
  private static final long PROMPT = 11 * 1_000;
  private static final long TOKEN = 10_000;
  private static final Duration FELT = Duration.ofSeconds(1);
  private static final AtomicInteger NUMBERS = new AtomicInteger();
  @TempDir private static Path folder;
  private static RunningHouse here;
  private static RunningHouse there;
  private String alice = "";
  private String acme = "";
  private Guest guest = new Guest("", new WalletId(1));
  private List<Client> doors = List.of();

  @BeforeAll
  static void open() throws Exception {
    PostgresSettings settings = PostgresServers.shared(PostgresServers.NEW).database();
    here = RunningHouse.on(settings, Files.createDirectory(folder.resolve("here")), QUICK);
    there = RunningHouse.on(settings, Files.createDirectory(folder.resolve("there")), QUICK);
  }

  @AfterAll
  static void close() throws Exception {
    LedgerReads.AuditReport audit = here.ledger().audit();
    assertThat(audit.wrong()).isNull();
    assertThat(audit.holds()).isZero();
    here.close();
    there.close();
  }

  @BeforeEach
  void meet() {
    int number = NUMBERS.incrementAndGet();
    alice = "alice" + number;
    acme = "acme" + number;
    guest = here.guest(alice);
    doors = doors(guest.token());
  }

  /// The same client at each door.
  private static List<Client> doors(String token) {
    String model = "test/m" + NUMBERS.get() + ":one";
    return List.of(new Client(here.port(), token, model), new Client(there.port(), token, model));
  }

  private static Organizations at(RunningHouse house) {
    return house.identities().organizations();
  }

  private Payer organization() {
    Payer made = RunningHouse.done(at(here).create(acme, Tier.ENTERPRISE, 1));
    RunningHouse.done(at(here).addMember(acme, alice, Role.WRITE));
    return made;
  }

  private Group lab() {
    Group lab = RunningHouse.done(at(here).createGroup(acme, "lab"));
    RunningHouse.done(at(here).setGroupMember(acme, "lab", alice, true));
    return lab;
  }

  private String subject(Scope scope) {
    return switch (scope) {
      case MEMBER -> alice;
      case GROUP -> "lab";
      case TOKEN ->
          here.identities().tokens().stream()
              .filter(each -> each.userName().equals(alice))
              .findFirst()
              .orElseThrow()
              .id()
              .toString();
      case ACCOUNT, PAYG -> "";
    };
  }

  private void limit(RunningHouse house, Scope scope, long nanos) {
    RunningHouse.done(at(house).limit(acme, scope, subject(scope), Nanos.of(nanos)));
  }

  /// A call that costs exactly so many tokens and its prompt.
  private static String tokens(Client client, long count) {
    return client.chat("\"max_tokens\":" + count, "\"sandbox\":{\"tokens\":" + count + "}");
  }

  private static long cost(long tokens) {
    return PROMPT + tokens * TOKEN;
  }

  private static int status(Client door, String payer, long tokens) throws Exception {
    return door.post(tokens(door, tokens), BILL_TO, payer).status();
  }

  /// How many of so many calls that are made at once, half of them at each door, are served.
  private long served(int count, String payer, long tokens) throws Exception {
    List<CompletableFuture<Answer>> calls = new ArrayList<>();
    for (int call = 0; call < count; call++) {
      Client door = doors.get(call % doors.size());
      calls.add(door.postLater(tokens(door, tokens), BILL_TO, payer));
    }
    long served = 0;
    for (CompletableFuture<Answer> call : calls) {
      Answer answer = call.get(60, TimeUnit.SECONDS);
      assertThat(answer.status()).as(answer.raw().body()).isIn(200, 402, 429);
      served += answer.status() == 200 ? 1 : 0;
    }
    return served;
  }

  private static long posted(WalletId wallet, LotKind kind) {
    return there.ledger().lots(wallet).stream()
        .filter(lot -> lot.kind() == kind)
        .mapToLong(lot -> lot.posted().value())
        .sum();
  }

  /// Waits until a door answers so. What was changed is to be felt everywhere within a second.
  private static void becomes(Client door, String payer, int status) {
    long changed = System.nanoTime();
    await()
        .atMost(Duration.ofSeconds(10))
        .pollInterval(Duration.ofMillis(10))
        .until(() -> status(door, payer, 1) == status);
    assertThat(Duration.ofNanos(System.nanoTime() - changed)).isLessThan(FELT);
  }

  // ---- limits ----

  /// All four are on each call; the tightest says how many are served.
  @ParameterizedTest
  @EnumSource(names = {"ACCOUNT", "MEMBER", "GROUP", "TOKEN"})
  void ofManyAtOnceAtBothExactlyThoseThatFitAreServed(Scope tightest) throws Exception {
    Payer payer = organization();
    Group lab = lab();
    List<Scope> all = List.of(Scope.ACCOUNT, Scope.MEMBER, Scope.GROUP, Scope.TOKEN);
    for (Scope scope : all) {
      limit(here, scope, (scope == tightest ? 5 : 7) * cost(900) + 500_000);
    }
    assertThat(served(40, lab.hubId(), 900)).isEqualTo(5);
    assertThat(posted(payer.wallet(), LotKind.GRANT)).isEqualTo(5 * cost(900));
    assertThat(posted(payer.wallet(), LotKind.LIMIT)).isEqualTo(all.size() * 5L * cost(900));
    for (Client door : doors) {
      assertThat(status(door, lab.hubId(), 900)).isEqualTo(402);
      assertThat(status(door, lab.hubId(), 10)).as("of what is left").isEqualTo(200);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"ACCOUNT", "MEMBER", "GROUP", "TOKEN"})
  void aLimitThatIsLoweredAtOneIsFeltAtTheOther(Scope scope) throws Exception {
    organization();
    String payer = lab().hubId();
    limit(here, scope, 50_000_000);
    for (Client door : doors) {
      assertThat(status(door, payer, 10)).isEqualTo(200);
    }
    limit(here, scope, 1_000);
    becomes(doors.getLast(), payer, 402);
    limit(there, scope, 50_000_000);
    becomes(doors.getFirst(), payer, 200);
    limit(there, scope, 1_000);
    becomes(doors.getFirst(), payer, 402);
  }

  // ---- members and the payer by default ----

  @Test
  void aMemberWhoIsRemovedAtOneSpendsNothingAtTheOther() throws Exception {
    Payer payer = organization();
    for (Client door : doors) {
      assertThat(status(door, acme, 10)).isEqualTo(200);
    }
    RunningHouse.done(at(here).removeMember(acme, alice));
    becomes(doors.getLast(), acme, 403);
    long spent = posted(payer.wallet(), LotKind.GRANT);
    for (Client door : doors) {
      assertThat(status(door, acme, 10)).isEqualTo(403);
    }
    assertThat(posted(payer.wallet(), LotKind.GRANT)).isEqualTo(spent);
    RunningHouse.done(at(there).addMember(acme, alice, Role.WRITE));
    becomes(doors.getFirst(), acme, 200);
  }

  @Test
  void aPayerByDefaultThatIsSetAtOnePaysAtTheOther() throws Exception {
    Payer payer = organization();
    NewToken token = here.token(TokenRequest.of(alice));
    Client holder = doors(token.secret().reveal()).getLast();
    assertThat(holder.post(tokens(holder, 1)).status()).isEqualTo(200);
    assertThat(there.posted(guest)).isEqualTo(Nanos.of(cost(1)));
    RunningHouse.done(at(here).setDefaultPayer(token.token().id(), acme));
    long changed = System.nanoTime();
    await()
        .pollInterval(Duration.ofMillis(10))
        .until(
            () -> {
              assertThat(holder.post(tokens(holder, 1)).status()).isEqualTo(200);
              return posted(payer.wallet(), LotKind.GRANT) > 0;
            });
    assertThat(Duration.ofNanos(System.nanoTime() - changed)).isLessThan(FELT);
    Nanos own = there.posted(guest);
    assertThat(holder.post(tokens(holder, 5)).status()).isEqualTo(200);
    assertThat(there.posted(guest)).as("never the user again").isEqualTo(own);
    assertThat(posted(payer.wallet(), LotKind.GRANT)).isEqualTo(cost(1) + cost(5));
  }

  // ---- purchases ----

  @Test
  void onePurchaseServesBothAndItsReversalEndsItAtBoth() throws Exception {
    assertThat(status(doors.getFirst(), alice, 9_900)).isEqualTo(200);
    for (Client door : doors) {
      assertThat(status(door, alice, 900)).as("the dime is spent").isEqualTo(402);
    }
    assertThat(buy(here, "0.05")).isInstanceOf(GrantOutcome.Granted.class);
    assertThat(buy(there, "0.05")).as("told again").isInstanceOf(GrantOutcome.GrantedBefore.class);
    assertThat(buy(there, "0.06")).isInstanceOf(GrantOutcome.Different.class);
    long left = 100_000_000 - cost(9_900) + 50_000_000;
    assertThat(served(20, alice, 900)).isEqualTo(left / cost(900)).isEqualTo(5);
    assertThat(there.posted(guest)).isEqualTo(Nanos.of(cost(9_900) + 5 * cost(900)));
    reverse(there);
    for (Client door : doors) {
      assertThat(status(door, alice, 10)).isEqualTo(402);
    }
    long debt =
        here.ledger().lots(guest.wallet()).stream().mapToLong(lot -> lot.debt().value()).sum();
    assertThat(debt).isEqualTo(posted(guest.wallet(), LotKind.PURCHASED)).isPositive();
  }

  @Test
  void aPaymentThatWasClaimedAtOneIsOfNoOtherAccountAtTheOther() {
    Payer owner = RunningHouse.done(at(here).payer(alice));
    here.guest("bob-of-" + alice);
    Payer other = RunningHouse.done(at(there).payer("bob-of-" + alice));
    assertThat(RunningHouse.done(at(here).claimPayment(alice, owner))).isTrue();
    assertThat(at(there).claimPayment(alice, other)).isInstanceOf(Outcome.Refused.class);
    assertThat(RunningHouse.done(at(there).claimPayment(alice, owner))).as("known").isFalse();
  }

  private String ref() {
    return GrantCommand.PURCHASE + "of-" + alice;
  }

  private GrantOutcome buy(RunningHouse house, String usd) throws Exception {
    CompletableFuture<GrantOutcome> done = new CompletableFuture<>();
    Nanos amount = Nanos.ofUsd(usd);
    house
        .ledger()
        .grant(
            new GrantCommand(
                guest.wallet(), LotKind.PURCHASED, amount, 0, Long.MAX_VALUE, ref(), "purchase"),
            Reply.future(done));
    return done.get(10, TimeUnit.SECONDS);
  }

  private void reverse(RunningHouse house) throws Exception {
    LedgerReads.Lot lot =
        house.ledger().lots(guest.wallet()).stream()
            .filter(each -> each.ref().equals(ref()))
            .findFirst()
            .orElseThrow();
    CompletableFuture<ResizeOutcome> done = new CompletableFuture<>();
    house
        .ledger()
        .resize(
            new ResizeCommand(guest.wallet(), lot.id(), Nanos.ZERO, "reversal:" + alice, "back"),
            Reply.future(done));
    assertThat(done.get(10, TimeUnit.SECONDS)).isInstanceOf(ResizeOutcome.Resized.class);
  }
}
