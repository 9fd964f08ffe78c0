package faregate.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import faregate.id.LotId;
import faregate.id.WalletId;
import faregate.ledger.HoldOutcome.Refused;
import faregate.ledger.Ledger.CallRef;
import faregate.ledger.ResizeOutcome.Different;
import faregate.ledger.ResizeOutcome.Resized;
import faregate.ledger.ResizeOutcome.ResizedBefore;
import faregate.money.Nanos;
import faregate.store.PostgresServers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/// Credit whose size changes: entitlements, settings, purchases that are taken back, and what is
/// owed then. On every database; the audit after each.
@ParameterizedClass
@EnumSource
class LotSizesTest {
  enum Kept {
    SQLITE,
    POSTGRES_15,
    POSTGRES_18
  }

  @TempDir private Path folder;
  private final Kept kept;
  private LedgerStore store;
  private Rig rig;
  private WalletId wallet;

  LotSizesTest(Kept kept) {
    this.kept = kept;
  }

  @BeforeEach
  void open() {
    HandClock clock = new HandClock();
    store =
        switch (kept) {
          case SQLITE -> new SqliteStore(folder.resolve("ledger.db"), clock);
          case POSTGRES_15 -> PostgresStore.empty(PostgresServers.OLD, clock);
          case POSTGRES_18 -> PostgresStore.empty(PostgresServers.NEW, clock);
        };
    rig = new Rig(store, clock, LedgerSettings.DEFAULT);
    wallet = rig.newWallet();
  }

  @AfterEach
  void close() {
    rig.assertClean();
    rig.close();
    store.close();
  }

  // ---- short verbs ----

  private LotId lot(long amount) {
    return rig.grant(wallet, LotKind.GRANT, amount, 0, Long.MAX_VALUE, "lot:" + rig.ids.next());
  }

  private LotId buy(String ref, long amount) {
    return rig.grant(
        wallet, LotKind.PURCHASED, amount, 0, Long.MAX_VALUE, GrantCommand.PURCHASE + ref);
  }

  private ResizeOutcome reverse(LotId lot, String ref) {
    return rig.resize(wallet, lot, 0, "reversal:" + ref);
  }

  private ResizeOutcome raise(LotId lot, long size) {
    return Rig.ask(reply -> rig.ledger.resize(raising(lot, size), reply));
  }

  private ResizeCommand raising(LotId lot, long size) {
    return new ResizeCommand(
        wallet, lot, Nanos.of(size), "to:" + size, "a test", ResizeCommand.Rule.RAISE);
  }

  private ResizeOutcome set(LotId lot, long size, String series, long number) {
    return Rig.ask(
        reply ->
            rig.ledger.resize(
                ResizeCommand.inSeries(wallet, lot, Nanos.of(size), series, number, "a test"),
                reply));
  }

  private static Resized resized(long granted) {
    return new Resized(Nanos.of(granted));
  }

  private void spend(long amount) {
    rig.settle(rig.held(wallet, amount), amount);
  }

  private long sum(Function<LedgerReads.Lot, Nanos> figure) {
    return rig.ledger.lots(wallet).stream().mapToLong(lot -> figure.apply(lot).value()).sum();
  }

  private long owed() {
    return sum(LedgerReads.Lot::debt);
  }

  private Credit credit() {
    return new Credit(rig.ledger.lots(wallet), rig.ledger.nowMicros());
  }

  /// What a call finds: the most that is held, and not a nano more.
  private void assertLeft(long left) {
    assertThat(credit().available()).isEqualTo(Nanos.of(left));
    assertThat(rig.hold(rig.newCall(), wallet, left + 1))
        .isEqualTo(new Refused(Nanos.of(left), Nanos.of(left + 1), null));
    rig.release(rig.held(wallet, left));
  }

  // ---- entitlements and settings ----

  @Test
  void anEntitlementOnlyEverGrows() {
    LotId lot = lot(1);
    assertThat(raise(lot, 100)).isEqualTo(resized(100));
    assertThat(raise(lot, 100)).isEqualTo(new ResizedBefore());
    assertThat(raise(lot, 60)).isEqualTo(new ResizedBefore());
    spend(90);
    assertThat(raise(lot, 300)).isEqualTo(resized(300));
    assertThat(raise(lot, 200)).isEqualTo(new ResizedBefore());
    rig = rig.restart();
    assertThat(raise(lot, 300)).isEqualTo(new ResizedBefore());
    assertLeft(210);
  }

  /// As from several nodes, of which each knows another number of seats.
  @Test
  void ofManyEntitlementsInOneBatchTheLargestStays() {
    LotId lot = lot(1);
    List<CompletableFuture<ResizeOutcome>> all = new ArrayList<>();
    try (LedgerStore.Stall _ = store.stall()) {
      for (long size : new long[] {40, 90, 30, 80, 90}) {
        CompletableFuture<ResizeOutcome> one = new CompletableFuture<>();
        rig.ledger.resize(raising(lot, size), Reply.future(one));
        all.add(one);
      }
    }
    assertThat(all.stream().map(Rig::await).toList())
        .containsExactly(
            resized(40),
            resized(90),
            new ResizedBefore(),
            new ResizedBefore(),
            new ResizedBefore());
    assertLeft(90);
  }

  @Test
  void ofASettingTheHighestNumberCounts() {
    LotId lot = lot(1);
    assertThat(set(lot, 50, "payg:a_b", 5)).isEqualTo(resized(50));
    assertThat(set(lot, 500, "payg:a_b", 3)).as("known too late").isEqualTo(new ResizedBefore());
    assertThat(set(lot, 50, "payg:a_b", 5)).isEqualTo(new ResizedBefore());
    assertThat(set(lot, 51, "payg:a_b", 5)).isInstanceOf(Different.class);
    assertLeft(50);
    assertThat(set(lot, 70, "payg:aXb", 1)).as("another series").isEqualTo(resized(70));
    rig = rig.restart();
    assertThat(set(lot, 60, "payg:a_b", 4)).isEqualTo(new ResizedBefore());
    assertThat(set(lot, 20, "payg:a_b", 12)).as("12 is above 5").isEqualTo(resized(20));
    assertThat(set(lot, 90, "payg:a_b", 9)).isEqualTo(new ResizedBefore());
    assertLeft(20);
  }

  /// What open calls give back of a lowered lot is not spent again.
  @Test
  void aLoweredLotShrinksWithTheCallsThatRunOnIt() {
    LotId lot = lot(100);
    spend(10);
    CallRef first = rig.held(wallet, 50);
    CallRef second = rig.held(wallet, 30);
    assertThat(set(lot, 0, "payg", 1)).isEqualTo(resized(90));
    assertThat(rig.settle(first, 5)).isInstanceOf(EndOutcome.Ended.class);
    assertThat(sum(LedgerReads.Lot::granted)).isEqualTo(45);
    assertThat(rig.release(second)).isInstanceOf(EndOutcome.Ended.class);
    assertThat(sum(LedgerReads.Lot::granted)).isEqualTo(15);
    assertThat(rig.hold(rig.newCall(), wallet, 1))
        .isEqualTo(new Refused(Nanos.ZERO, Nanos.of(1), null));
    assertThat(owed()).as("only purchases are owed").isZero();
    assertThat(set(lot, 40, "payg", 2)).isEqualTo(resized(40));
    assertLeft(25);
  }

  // ---- purchases ----

  @Test
  void aReversedPurchaseLeavesWhatIsUsedAndTheNextOnePaysIt() {
    LotId first = buy("1", 100);
    spend(30);
    CallRef open = rig.held(wallet, 20);
    assertThat(reverse(first, "1")).isEqualTo(resized(50));
    assertThat(owed()).isEqualTo(30);
    assertThat(rig.hold(rig.newCall(), wallet, 1))
        .isEqualTo(new Refused(Nanos.ZERO, Nanos.of(1), null));
    rig.assertClean();
    rig.settle(open, 15);
    assertThat(owed()).as("what ran is owed once it is charged").isEqualTo(45);
    assertThat(sum(LedgerReads.Lot::granted)).isEqualTo(45);
    buy("2", 100);
    assertThat(owed()).isZero();
    assertThat(credit().posted()).as("no call was charged twice").isEqualTo(Nanos.of(45));
    assertLeft(55);
    rig = rig.restart();
    rig.assertClean();
    assertLeft(55);
  }

  /// The purchase pays what is charged by then; what is charged later waits for the one after.
  @Test
  void aCallThatRunsOnAReversedPurchaseIsOwedWhenItEnds() {
    LotId first = buy("1", 100);
    spend(10);
    CallRef open = rig.held(wallet, 60);
    CallRef free = rig.held(wallet, 30);
    reverse(first, "1");
    buy("2", 50);
    assertThat(owed()).isZero();
    rig.release(free);
    rig.settle(open, 45);
    assertThat(owed()).isEqualTo(45);
    assertLeft(40);
    buy("3", 100);
    assertThat(owed()).isZero();
    assertLeft(95);
    assertThat(credit().posted()).isEqualTo(Nanos.of(55));
  }

  @Test
  void aSmallPurchasePaysAsFarAsItGoes() {
    LotId first = buy("1", 40);
    spend(40);
    LotId second = buy("2", 40);
    spend(25);
    reverse(first, "1");
    reverse(second, "2");
    assertThat(owed()).isEqualTo(65);
    buy("3", 50);
    assertThat(owed()).isEqualTo(15);
    assertThat(rig.hold(rig.newCall(), wallet, 1)).isInstanceOf(Refused.class);
    rig = rig.restart();
    assertThat(owed()).isEqualTo(15);
    buy("4", 20);
    assertThat(owed()).isZero();
    assertLeft(5);
  }

  @Test
  void aPurchaseThatPaidAnotherMayBeTakenBackToo() {
    LotId first = buy("1", 100);
    spend(60);
    reverse(first, "1");
    LotId second = buy("2", 100);
    assertThat(owed()).isZero();
    assertThat(reverse(second, "2")).isEqualTo(resized(60));
    assertThat(owed()).isEqualTo(60);
    assertThat(rig.hold(rig.newCall(), wallet, 1)).isInstanceOf(Refused.class);
    rig.assertClean();
    buy("3", 61);
    assertThat(owed()).isZero();
    assertThat(credit().posted()).isEqualTo(Nanos.of(60));
    assertLeft(1);
  }

  @Test
  void takenBackTwiceItIsTakenBackOnce() {
    LotId lot = buy("1", 100);
    spend(70);
    assertThat(reverse(lot, "1")).isEqualTo(resized(70));
    assertThat(reverse(lot, "1")).isEqualTo(new ResizedBefore());
    buy("2", 70);
    assertThat(reverse(lot, "1")).as("after it was paid").isEqualTo(new ResizedBefore());
    rig = rig.restart();
    assertThat(reverse(lot, "1")).isEqualTo(new ResizedBefore());
    assertThat(owed()).isZero();
  }

  @Test
  void aReferenceMeansOnePaymentOnly() {
    LotId lot = buy("1", 100);
    assertThat(rig.grant(purchase("1", LotKind.PURCHASED, 100)))
        .isEqualTo(new GrantOutcome.GrantedBefore(lot));
    assertThat(rig.grant(purchase("1", LotKind.PURCHASED, 101)))
        .isInstanceOf(GrantOutcome.Different.class);
    assertThat(rig.grant(purchase("1", LotKind.MARKET, 100)))
        .isInstanceOf(GrantOutcome.Different.class);
    reverse(lot, "1");
    assertThat(rig.grant(purchase("1", LotKind.PURCHASED, 100)))
        .as("a payment that is told again after it was taken back mints nothing")
        .isEqualTo(new GrantOutcome.GrantedBefore(lot));
    assertThat(rig.resize(wallet, lot, 5, "reversal:1")).isInstanceOf(Different.class);
    assertThat(rig.resize(wallet, lot, 100, GrantCommand.PURCHASE + "1"))
        .isInstanceOf(Different.class);
    assertThat(sum(LedgerReads.Lot::granted)).isZero();
  }

  private GrantCommand purchase(String ref, LotKind kind, long amount) {
    return new GrantCommand(
        wallet, kind, Nanos.of(amount), 0, Long.MAX_VALUE, GrantCommand.PURCHASE + ref, "a test");
  }

  @Test
  void whatWasGivenIsNotOwed() {
    LotId gift = lot(100);
    spend(60);
    assertThat(rig.resize(wallet, gift, 0, "closed")).isEqualTo(resized(60));
    assertThat(owed()).isZero();
    buy("1", 10);
    assertLeft(10);
  }

  /// The provider billed less than was charged, after the debt had been paid.
  @Test
  void aLateBillGivesBackWhatWasPaidTwice() {
    LotId first = buy("1", 100);
    CallRef call = rig.held(wallet, 80);
    rig.settle(call, 80);
    reverse(first, "1");
    buy("2", 100);
    assertLeft(20);
    rig.adjust(call, 1, 50);
    assertThat(owed()).isZero();
    assertThat(credit().posted()).isEqualTo(Nanos.of(50));
    assertLeft(50);
    rig.adjust(call, 2, 90);
    assertThat(owed()).isZero();
    assertLeft(20);
  }

  @Test
  void aPurchaseItsReversalAndTheNextOneMayShareABatch() {
    LotId first = buy("1", 100);
    CallRef call = rig.held(wallet, 80);
    CompletableFuture<EndOutcome> end = new CompletableFuture<>();
    CompletableFuture<ResizeOutcome> reversal = new CompletableFuture<>();
    List<CompletableFuture<GrantOutcome>> bought = new ArrayList<>();
    try (LedgerStore.Stall _ = store.stall()) {
      rig.ledger.settle(
          new SettleCommand(call, Nanos.of(64), Nanos.ZERO, Nanos.ZERO, false, Rig.FACTS),
          Reply.future(end));
      rig.ledger.resize(
          new ResizeCommand(wallet, first, Nanos.ZERO, "reversal:1", "a test"),
          Reply.future(reversal));
      for (String ref : List.of("2", "3", "2")) {
        CompletableFuture<GrantOutcome> one = new CompletableFuture<>();
        rig.ledger.grant(purchase(ref, LotKind.PURCHASED, 50), Reply.future(one));
        bought.add(one);
      }
    }
    assertThat(Rig.await(reversal)).isEqualTo(resized(64));
    assertThat(bought.stream().map(Rig::await).map(GrantOutcome::getClass).toList())
        .isEqualTo(
            List.of(
                GrantOutcome.Granted.class,
                GrantOutcome.Granted.class,
                GrantOutcome.GrantedBefore.class));
    assertThat(owed()).isZero();
    assertLeft(36);
  }
}
