package faregate.gateway;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import faregate.id.LotId;
import faregate.id.WalletId;
import faregate.identity.Limit;
import faregate.identity.MonthlyGrant;
import faregate.identity.MonthlyLot;
import faregate.identity.Payer;
import faregate.identity.TierSettings;
import faregate.ledger.GrantCommand;
import faregate.ledger.GrantOutcome;
import faregate.ledger.Ledger;
import faregate.ledger.LotKind;
import faregate.ledger.Reply;
import faregate.ledger.ResizeCommand;
import faregate.ledger.ResizeOutcome;
import faregate.money.Nanos;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Gives each payer what it has for the month when it is first wanted: the monthly credit, what may
/// be spent beyond it, and its spending limits, all of them lots. Any node may, and only one does:
/// a lot's reference is unique in the wallet.
///
/// Remembers who has theirs, so the ledger is asked once a month and payer, and again when the
/// payer's tier, seats or limits change.
public final class Allowance {
  private static final int PAYERS_MAX = 100_000;

  /// A lot whose size follows a setting is born with this and given its size at once, so that the
  /// grant is the same on every node whatever it knows of the setting.
  private static final Nanos SEED = Nanos.of(1);

  /// Where nothing could be given.
  private static final LotId NONE = new LotId(Long.MAX_VALUE);

  private final Ledger ledger;
  private final Supplier<TierSettings> settings;
  private final Known known;
  private final Cache<Payer, Ready> given = Caffeine.newBuilder().maximumSize(PAYERS_MAX).build();

  /// What is known of a month already: see [MonthSpending]. Blocks.
  public interface Known {
    /// What the month had cost before its limit's lot could count it.
    Nanos besideLot(WalletId wallet, Limit limit, long monthStartMicros, LotId lot);

    /// What a wallet was granted under references of a kind.
    Nanos granted(WalletId wallet, Predicate<String> refs);
  }

  /// What a payer has in this month.
  ///
  /// @param limits lots that each call of it counts against
  record Ready(TierSettings settings, long untilMicros, Map<LotId, Limit> limits) {}

  public Allowance(Ledger ledger, Supplier<TierSettings> settings, Known known) {
    this.ledger = ledger;
    this.settings = settings;
    this.known = known;
  }

  /// What tiers are worth now.
  public TierSettings settings() {
    return settings.get();
  }

  /// What the payer has, where nothing is left to do for it now; else null: [#give] it first.
  @Nullable Ready ready(Payer payer) {
    Ready ready = given.getIfPresent(payer);
    return ready != null
            && ledger.nowMicros() < ready.untilMicros
            && ready.settings.equals(settings.get())
        ? ready
        : null;
  }

  /// Sees to it that the payer has what it is due in this month. Fails when the ledger cannot
  /// answer.
  ///
  /// @param on where the future completes
  Future<Ready> give(Payer payer, Executor on) {
    TierSettings now = settings.get();
    long nowMicros = ledger.nowMicros();
    long until = MonthlyGrant.startOf(MonthlyGrant.month(nowMicros).plusMonths(1));
    List<Future<LotId>> all = new ArrayList<>();
    if (!payer.isOrganization()) {
      all.add(steps(payer, MonthlyGrant.of(now, payer.wallet(), payer.tier(), nowMicros), on));
    }
    Map<LotId, Limit> limits = new ConcurrentHashMap<>();
    for (MonthlyLot lot : MonthlyLot.of(now, payer, nowMicros)) {
      Limit limit = lot.limit();
      all.add(
          lot(payer, lot, on)
              .onSuccess(
                  id -> {
                    if (limit != null) {
                      limits.put(id, limit);
                    }
                  }));
    }
    return Future.join(all)
        .map(
            _ -> {
              Ready ready = new Ready(now, until, Map.copyOf(limits));
              given.put(payer, ready);
              return ready;
            });
  }

  /// The same for callers that block, such as pages and commands.
  ///
  /// @throws java.util.concurrent.CompletionException when the ledger cannot answer
  public void giveNow(Payer payer) {
    if (ready(payer) == null) {
      CompletableFuture<Ready> done = new CompletableFuture<>();
      give(payer, Runnable::run).onSuccess(done::complete).onFailure(done::completeExceptionally);
      done.join();
    }
  }

  /// One after another, since whether a step is due hangs on those below it.
  private Future<LotId> steps(Payer payer, List<MonthlyGrant> steps, Executor on) {
    Future<LotId> last = Future.succeededFuture(NONE);
    for (MonthlyGrant step : steps) {
      last =
          last.compose(_ -> isDue(payer, step, on))
              .compose(due -> due ? grant(payer, step, on) : Future.succeededFuture(NONE));
    }
    return last;
  }

  /// Not where the wallet has more than the steps below: it has this one, or had larger ones before
  /// the configured amounts changed. The first step's reference tells by itself.
  private Future<Boolean> isDue(Payer payer, MonthlyGrant step, Executor on) {
    WalletId wallet = payer.wallet();
    return step.below().equals(Nanos.ZERO)
        ? Future.succeededFuture(true)
        : read(() -> known.granted(wallet, ref -> step.isBeside(wallet, ref)), on)
            .map(granted -> !step.below().isLessThan(granted));
  }

  private Future<LotId> grant(Payer payer, MonthlyGrant grant, Executor on) {
    return grant(
        new GrantCommand(
            payer.wallet(),
            LotKind.GRANT,
            grant.amount(),
            grant.startsMicros(),
            grant.expiresMicros(),
            grant.ref(),
            "monthly credit"),
        on);
  }

  private Future<LotId> lot(Payer payer, MonthlyLot lot, Executor on) {
    GrantCommand seed =
        new GrantCommand(
            payer.wallet(),
            LotKind.valueOf(lot.kind().name()),
            SEED,
            lot.startsMicros(),
            lot.expiresMicros(),
            lot.ref(),
            "for the month");
    return grant(seed, on)
        .compose(
            id ->
                id.equals(NONE)
                    ? without(lot)
                    : sized(payer, lot, id, on)
                        .compose(sized -> resize(payer, sized, id, on))
                        .map(id));
  }

  /// A call may go on without credit that was not given, but not without a limit.
  private static Future<LotId> without(MonthlyLot lot) {
    return lot.limit() == null
        ? Future.succeededFuture(NONE)
        : Future.failedFuture("the spending limit " + lot.ref() + " cannot be made; run audit");
  }

  /// A limit is for the whole month: what the month had cost before it was set is no longer free.
  /// Of two nodes that see different sums, the one that comes first says the size.
  private Future<MonthlyLot> sized(Payer payer, MonthlyLot lot, LotId id, Executor on) {
    Limit limit = lot.limit();
    if (limit == null) {
      return Future.succeededFuture(lot);
    }
    return read(() -> known.besideLot(payer.wallet(), limit, lot.startsMicros(), id), on)
        .map(beside -> lot.withSize(lot.size().minus(beside).atLeast(Nanos.ZERO)));
  }

  /// Away from the event loop, which the answer comes back to.
  private static Future<Nanos> read(Supplier<Nanos> known, Executor on) {
    Promise<Nanos> promise = Promise.promise();
    Thread.ofVirtual()
        .name("faregate-allowance")
        .start(
            () -> {
              try {
                Nanos answer = known.get();
                on.execute(() -> promise.complete(answer));
              } catch (RuntimeException e) {
                on.execute(() -> promise.fail(e));
              }
            });
    return promise.future();
  }

  private Future<LotId> grant(GrantCommand command, Executor on) {
    Promise<LotId> promise = Promise.promise();
    ledger.grant(command, new Reply<>(on, outcome -> complete(promise, outcome)));
    return promise.future();
  }

  private static void complete(Promise<LotId> promise, GrantOutcome outcome) {
    switch (outcome) {
      case GrantOutcome.Granted(LotId lot) -> promise.complete(lot);
      case GrantOutcome.GrantedBefore(LotId lot) -> promise.complete(lot);
      // A different amount under the reference: the operator changed the tier in mid-month, and
      // what the wallet has for the month stays as it is.
      // Too much: the wallet is full, and what it has can be spent.
      case GrantOutcome.Different _, GrantOutcome.TooMuch _ -> promise.complete(NONE);
      case GrantOutcome.Unavailable(String reason) ->
          promise.fail(new IllegalStateException(reason));
    }
  }

  private Future<Void> resize(Payer payer, MonthlyLot lot, LotId id, Executor on) {
    ResizeCommand command =
        lot.number() == MonthlyLot.ENTITLED
            ? new ResizeCommand(
                payer.wallet(),
                id,
                lot.size(),
                lot.ref() + ":to:" + lot.size().value(),
                "monthly credit of all seats",
                ResizeCommand.Rule.RAISE)
            : ResizeCommand.inSeries(
                payer.wallet(), id, lot.size(), lot.ref(), lot.number(), "as it was set");
    Promise<Void> promise = Promise.promise();
    ledger.resize(command, new Reply<>(on, outcome -> complete(promise, id, outcome)));
    return promise.future();
  }

  private static void complete(Promise<Void> promise, LotId lot, ResizeOutcome outcome) {
    switch (outcome) {
      // Different: the configured default was changed in mid-month; it counts from the next one.
      // Too much: the wallet is full, and what it has can be spent.
      case ResizeOutcome.Resized _,
          ResizeOutcome.ResizedBefore _,
          ResizeOutcome.Different _,
          ResizeOutcome.TooMuch _ ->
          promise.complete();
      case ResizeOutcome.NoSuchLot _ ->
          promise.fail(new IllegalStateException("lot " + lot + " is not there; run audit"));
      case ResizeOutcome.Unavailable(String reason) ->
          promise.fail(new IllegalStateException(reason));
    }
  }
}
