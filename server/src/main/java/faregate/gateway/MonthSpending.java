package faregate.gateway;

import faregate.id.LotId;
import faregate.id.WalletId;
import faregate.identity.Limit;
import faregate.ledger.LedgerReads;
import faregate.money.Nanos;
import faregate.usage.Spender;
import faregate.usage.Usage;
import java.util.function.Predicate;

/// What calls of a month have cost those whom spending limits are for, whether or not the limit was
/// set when they were made. Blocks.
public final class MonthSpending implements Allowance.Known {
  private static final int TRIES = 5;

  private final LedgerReads reads;
  private final Usage usage;

  public MonthSpending(LedgerReads reads, Usage usage) {
    this.reads = reads;
    this.usage = usage;
  }

  /// All that calls which ended were charged in the name that a limit is for. What releases took in
  /// that did not note names is part of the account's only.
  public Nanos of(WalletId wallet, Limit limit, long monthStartMicros) {
    return switch (limit.scope()) {
      case PAYG, ACCOUNT ->
          usage.report(wallet, monthStartMicros, Long.MAX_VALUE).totals().charge();
      case MEMBER -> of(wallet, monthStartMicros, by -> by.account() == limit.subject());
      case GROUP -> of(wallet, monthStartMicros, by -> by.group() == limit.subject());
      case TOKEN -> of(wallet, monthStartMicros, by -> by.token() == limit.subject());
    };
  }

  private Nanos of(WalletId wallet, long monthStartMicros, Predicate<Spender> counts) {
    return usage.spenders(wallet, monthStartMicros, Long.MAX_VALUE).stream()
        .filter(use -> counts.test(use.spender()))
        .map(use -> use.charge())
        .reduce(Nanos.ZERO, Nanos::plus);
  }

  @Override
  public Nanos granted(WalletId wallet, Predicate<String> refs) {
    return reads.lots(wallet).stream()
        .filter(lot -> refs.test(lot.ref()))
        .map(LedgerReads.Lot::granted)
        .reduce(Nanos.ZERO, Nanos::plus);
  }

  /// What of it a limit's own lot has not counted: calls from before the limit was set, and from
  /// while it was taken away. Calls that end meanwhile may count twice at worst, never not at all.
  @Override
  public Nanos besideLot(WalletId wallet, Limit limit, long monthStartMicros, LotId lot) {
    Nanos counted = posted(wallet, lot);
    for (int attempt = 1; true; attempt++) {
      Nanos beside = of(wallet, limit, monthStartMicros).minus(counted).atLeast(Nanos.ZERO);
      Nanos now = posted(wallet, lot);
      if (now.equals(counted) || attempt == TRIES) {
        return beside;
      }
      counted = now;
    }
  }

  private Nanos posted(WalletId wallet, LotId id) {
    return reads.lots(wallet).stream()
        .filter(lot -> lot.id().equals(id))
        .map(LedgerReads.Lot::posted)
        .findFirst()
        .orElse(Nanos.ZERO);
  }
}
