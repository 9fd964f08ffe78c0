package faregate.gateway;

import faregate.id.WalletId;
import faregate.identity.Caller;
import faregate.identity.MonthlyGrant;
import faregate.identity.Tier;
import faregate.identity.TierSettings;
import faregate.ledger.GrantCommand;
import faregate.ledger.GrantOutcome;
import faregate.ledger.Ledger;
import faregate.ledger.LotKind;
import faregate.ledger.Reply;
import faregate.money.Nanos;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/// Gives each wallet its month's credit when it is first wanted. Any node may, and only one does:
/// the grant's reference is unique in the wallet.
///
/// Remembers which wallets have theirs, so the ledger is asked once a month and wallet.
public final class Allowance {
  private final Ledger ledger;
  private final Supplier<TierSettings> settings;
  private final ConcurrentHashMap<WalletId, Given> given = new ConcurrentHashMap<>();

  private record Given(Tier tier, Nanos monthly, long untilMicros) {}

  public Allowance(Ledger ledger, Supplier<TierSettings> settings) {
    this.ledger = ledger;
    this.settings = settings;
  }

  /// Whether nothing is left to do for this wallet now.
  boolean isGiven(Caller caller) {
    return isGiven(caller.wallet(), caller.tier());
  }

  private boolean isGiven(WalletId wallet, Tier tier) {
    Given last = given.get(wallet);
    return last != null
        && last.tier == tier
        && last.monthly.equals(settings.get().monthly(tier))
        && ledger.nowMicros() < last.untilMicros;
  }

  /// Sees to it that the wallet has its credit of this month. Fails when the ledger cannot answer.
  ///
  /// @param on where the future completes
  Future<Void> give(Caller caller, Executor on) {
    return give(caller.wallet(), caller.tier(), on);
  }

  /// The same for callers that block, such as pages and commands.
  ///
  /// @throws java.util.concurrent.CompletionException when the ledger cannot answer
  public void giveNow(WalletId wallet, Tier tier) {
    if (!isGiven(wallet, tier)) {
      CompletableFuture<Void> done = new CompletableFuture<>();
      give(wallet, tier, Runnable::run)
          .onSuccess(done::complete)
          .onFailure(done::completeExceptionally);
      done.join();
    }
  }

  private Future<Void> give(WalletId wallet, Tier tier, Executor on) {
    TierSettings now = settings.get();
    List<Future<Void>> all = new ArrayList<>();
    long until = Long.MAX_VALUE;
    long nowMicros = ledger.nowMicros();
    for (MonthlyGrant grant : MonthlyGrant.of(now, wallet, tier, nowMicros)) {
      until = Math.min(until, grant.expiresMicros());
      all.add(give(wallet, grant, on));
    }
    if (all.isEmpty()) {
      return Future.succeededFuture();
    }
    Given done = new Given(tier, now.monthly(tier), until);
    return Future.all(all).onSuccess(_ -> given.put(wallet, done)).mapEmpty();
  }

  private Future<Void> give(WalletId wallet, MonthlyGrant grant, Executor on) {
    Promise<Void> promise = Promise.promise();
    GrantCommand command =
        new GrantCommand(
            wallet,
            LotKind.GRANT,
            grant.amount(),
            grant.startsMicros(),
            grant.expiresMicros(),
            grant.ref(),
            "monthly credit");
    ledger.grant(command, new Reply<>(on, outcome -> complete(promise, outcome)));
    return promise.future();
  }

  private static void complete(Promise<Void> promise, GrantOutcome outcome) {
    switch (outcome) {
      // A different amount under the reference: the operator changed the tier in mid-month.
      // Too much: the wallet is full, and what it has can be spent.
      case GrantOutcome.Granted _,
          GrantOutcome.GrantedBefore _,
          GrantOutcome.Different _,
          GrantOutcome.TooMuch _ ->
          promise.complete();
      case GrantOutcome.Unavailable(String reason) ->
          promise.fail(new IllegalStateException(reason));
    }
  }
}
