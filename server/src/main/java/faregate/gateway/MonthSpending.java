package faregate.gateway;

import faregate.id.LotId;
import faregate.id.WalletId;
import faregate.identity.Limit;
import faregate.ledger.LedgerReads;
import faregate.money.Nanos;
import faregate.usage.SpenderUse;
import faregate.usage.Usage;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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

  /// What calls were charged, summed by all whom a limit may be for.
  public static final class Sums {
    private final Nanos total;
    private final Map<Long, Nanos> byMember = new HashMap<>();
    private final Map<Long, Nanos> byGroup = new HashMap<>();
    private final Map<Long, Nanos> byToken = new HashMap<>();

    private Sums(Nanos total, List<SpenderUse> uses) {
      this.total = total;
      for (SpenderUse use : uses) {
        byMember.merge(use.spender().account(), use.charge(), Nanos::plus);
        byGroup.merge(use.spender().group(), use.charge(), Nanos::plus);
        byToken.merge(use.spender().token(), use.charge(), Nanos::plus);
      }
    }

    /// All in the name that a limit is for. What releases took in that did not note names is part
    /// of the account's only.
    public Nanos of(Limit limit) {
      return switch (limit.scope()) {
        case PAYG, ACCOUNT -> total;
        case MEMBER -> byMember.getOrDefault(limit.subject(), Nanos.ZERO);
        case GROUP -> byGroup.getOrDefault(limit.subject(), Nanos.ZERO);
        case TOKEN -> byToken.getOrDefault(limit.subject(), Nanos.ZERO);
      };
    }
  }

  /// All that ended calls of a month were charged: read once, however many limits ask.
  public Sums of(WalletId wallet, long monthStartMicros) {
    return new Sums(
        usage.report(wallet, monthStartMicros, Long.MAX_VALUE).totals().charge(),
        usage.spenders(wallet, monthStartMicros, Long.MAX_VALUE));
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
      Nanos beside = spent(wallet, limit, monthStartMicros).minus(counted).atLeast(Nanos.ZERO);
      Nanos now = posted(wallet, lot);
      if (now.equals(counted) || attempt == TRIES) {
        return beside;
      }
      counted = now;
    }
  }

  /// For a single limit, so only what it needs is read.
  private Nanos spent(WalletId wallet, Limit limit, long monthStartMicros) {
    return switch (limit.scope()) {
      case PAYG, ACCOUNT ->
          usage.report(wallet, monthStartMicros, Long.MAX_VALUE).totals().charge();
      case MEMBER, GROUP, TOKEN ->
          new Sums(Nanos.ZERO, usage.spenders(wallet, monthStartMicros, Long.MAX_VALUE)).of(limit);
    };
  }

  private Nanos posted(WalletId wallet, LotId id) {
    return reads.lots(wallet).stream()
        .filter(lot -> lot.id().equals(id))
        .map(LedgerReads.Lot::posted)
        .findFirst()
        .orElse(Nanos.ZERO);
  }
}
