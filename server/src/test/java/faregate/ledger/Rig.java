package faregate.ledger;

import faregate.id.CallId;
import faregate.id.LotId;
import faregate.id.WalletId;
import faregate.kit.Clock;
import faregate.kit.IdSource;
import faregate.ledger.Ledger.CallRef;
import faregate.money.Nanos;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;

/// A ledger with short verbs that wait for their outcome, for tests. Amounts are nano-USD.
final class Rig implements AutoCloseable {
  static final byte[] FACTS = "facts".getBytes(StandardCharsets.UTF_8);
  private static final int ANSWER_SECONDS_MAX = 30;

  final SqlLedger ledger;
  final IdSource ids;
  final Clock clock;
  private final LedgerStore store;

  Rig(LedgerStore store, Clock clock, LedgerSettings settings) {
    this.store = store;
    this.clock = clock;
    this.ledger = store.open(clock, settings);
    this.ids = store.ids();
  }

  CallId newCall() {
    return new CallId(ids.next());
  }

  WalletId newWallet() {
    return new WalletId(ids.next());
  }

  /// A wallet with one lot that never expires.
  WalletId walletWith(long amount) {
    WalletId wallet = newWallet();
    grant(wallet, LotKind.PURCHASED, amount, 0, Long.MAX_VALUE, "first");
    return wallet;
  }

  LotId grant(WalletId wallet, LotKind kind, long amount, long starts, long expires, String ref) {
    GrantOutcome outcome =
        grant(new GrantCommand(wallet, kind, Nanos.of(amount), starts, expires, ref, "a test"));
    return ((GrantOutcome.Granted) outcome).lot();
  }

  LotId limit(WalletId wallet, long amount) {
    return grant(wallet, LotKind.LIMIT, amount, 0, Long.MAX_VALUE, "limit:" + ids.next());
  }

  GrantOutcome grant(GrantCommand command) {
    return ask(reply -> ledger.grant(command, reply));
  }

  ResizeOutcome resize(WalletId wallet, LotId lot, long size, String ref) {
    return ask(
        reply ->
            ledger.resize(new ResizeCommand(wallet, lot, Nanos.of(size), ref, "a test"), reply));
  }

  HoldCommand command(CallId id, WalletId wallet, long amount, int lineMillisMax) {
    return command(id, wallet, List.of(), amount, amount, amount, lineMillisMax);
  }

  HoldCommand command(
      CallId id,
      WalletId wallet,
      List<LotId> limits,
      long least,
      long wish,
      long most,
      int lineMillisMax) {
    return new HoldCommand(
        id,
        wallet,
        limits,
        Nanos.of(least),
        Nanos.of(wish),
        Nanos.of(most),
        ledger.nowMicros() + 600_000_000L,
        lineMillisMax,
        "ref");
  }

  CompletableFuture<HoldOutcome> holdLater(HoldCommand command) {
    CompletableFuture<HoldOutcome> future = new CompletableFuture<>();
    ledger.hold(command, Reply.future(future));
    return future;
  }

  HoldOutcome hold(HoldCommand command) {
    return await(holdLater(command));
  }

  HoldOutcome hold(CallId id, WalletId wallet, long amount) {
    return hold(command(id, wallet, amount, 0));
  }

  /// A hold under a client's key of the token 7.
  HoldOutcome holdNamed(CallId id, WalletId wallet, long amount, String key) {
    return hold(command(id, wallet, amount, 0).named(new RepeatKey(7, key, "print")));
  }

  /// Holds, and fails when that is refused.
  CallRef held(WalletId wallet, long amount) {
    CallId id = newCall();
    HoldOutcome outcome = hold(id, wallet, amount);
    if (!(outcome instanceof HoldOutcome.Held)) {
      throw new AssertionError("not held: " + outcome);
    }
    return new CallRef(id, wallet);
  }

  CompletableFuture<EndOutcome> settleLater(SettleCommand command) {
    CompletableFuture<EndOutcome> future = new CompletableFuture<>();
    ledger.settle(command, Reply.future(future));
    return future;
  }

  EndOutcome settle(CallRef call, long charge) {
    return settle(call, charge, 0, 0);
  }

  EndOutcome settle(CallRef call, long charge, long excess, long exposure) {
    return await(
        settleLater(
            new SettleCommand(
                call, Nanos.of(charge), Nanos.of(excess), Nanos.of(exposure), false, FACTS)));
  }

  EndOutcome release(CallRef call) {
    return ask(reply -> ledger.release(call, Nanos.ZERO, "upstream_error", FACTS, reply));
  }

  /// How a call ended; fails when it has not.
  Ending ending(CallRef call) {
    return Objects.requireNonNull(ledger.call(call.id()).orElseThrow().ended(), "still open");
  }

  AdjustOutcome adjust(CallRef call, long revision, long charge) {
    return await(adjustLater(call, revision, charge));
  }

  CompletableFuture<AdjustOutcome> adjustLater(CallRef call, long revision, long charge) {
    CompletableFuture<AdjustOutcome> future = new CompletableFuture<>();
    ledger.adjust(call, revision, Nanos.of(charge), FACTS, Reply.future(future));
    return future;
  }

  static <T> T ask(Consumer<Reply<T>> question) {
    CompletableFuture<T> future = new CompletableFuture<>();
    question.accept(Reply.future(future));
    return await(future);
  }

  static <T> T await(CompletableFuture<T> future) {
    return future.orTimeout(ANSWER_SECONDS_MAX, TimeUnit.SECONDS).join();
  }

  /// Lets the writer look at the clock, and waits until it has done what follows from that: the
  /// second command comes into a batch of its own, which no part of the first one's is behind.
  void turn() {
    for (int batch = 0; batch < 2; batch++) {
      release(new CallRef(newCall(), new WalletId(1)));
    }
  }

  /// One figure of the only lot of a wallet.
  long only(WalletId wallet, Function<LedgerReads.Lot, Nanos> figure) {
    List<LedgerReads.Lot> lots = ledger.lots(wallet);
    if (lots.size() != 1) {
      throw new AssertionError("not one lot: " + lots);
    }
    return figure.apply(lots.getFirst()).value();
  }

  /// Closes the ledger in an orderly way and opens it again on the same rows.
  Rig restart() {
    ledger.close();
    return new Rig(store, clock, LedgerSettings.DEFAULT);
  }

  void assertClean() {
    LedgerReads.AuditReport report = ledger.audit();
    if (!report.isClean()) {
      throw new AssertionError(report.wrong());
    }
  }

  @Override
  public void close() {
    ledger.close();
  }
}
