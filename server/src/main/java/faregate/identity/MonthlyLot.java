package faregate.identity;

import faregate.id.WalletId;
import faregate.money.Nanos;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.List;

/// A lot that a payer has for one month (UTC), whose size follows a setting: an organization's
/// grant, what may be spent beyond all credit, a spending limit.
///
/// @param ref of the lot, the same on every node
/// @param number of the setting; the highest one counts. [#ENTITLED] where the largest size of the
///   month counts
/// @param limit the spending limit that it is; null for credit
public record MonthlyLot(
    Kind kind,
    String ref,
    Nanos size,
    long number,
    long startsMicros,
    long expiresMicros,
    @org.jspecify.annotations.Nullable Limit limit) {
  /// What was reached in the month is kept.
  public static final long ENTITLED = -1;

  /// What it is in the ledger.
  public enum Kind {
    GRANT,
    POSTPAID,
    LIMIT
  }

  /// The same of another size.
  public MonthlyLot withSize(Nanos other) {
    return new MonthlyLot(kind, ref, other, number, startsMicros, expiresMicros, limit);
  }

  /// All lots of a payer but a user's grants, which are [MonthlyGrant]s.
  public static List<MonthlyLot> of(TierSettings settings, Payer payer, long nowMicros) {
    YearMonth month = MonthlyGrant.month(nowMicros);
    List<MonthlyLot> lots = new ArrayList<>();
    if (payer.isOrganization()) {
      Nanos seats = settings.monthly(payer.tier()).times(payer.seats());
      lots.add(lot(Kind.GRANT, MonthlyGrant.refOf(payer.wallet(), month), seats, ENTITLED, month));
    }
    long number = payer.tierNumber();
    for (Limit limit : payer.limits()) {
      if (limit.scope() != Limit.Scope.PAYG) {
        lots.add(limit(payer, limit, month));
      } else {
        number = Math.max(number, limit.number());
      }
    }
    // Who comes down to the free tier in mid-month has such a lot, and it must shrink.
    lots.add(postpaid(payer, payAsYouGo(settings, payer), number, month));
    return lots.stream()
        .filter(lot -> lot.number() != 0 || lot.size().value() > 0)
        .filter(lot -> lot.number() != ENTITLED || lot.size().value() > 0)
        .toList();
  }

  /// What the payer may spend in a month beyond all credit; 0 where credit is all there is.
  public static Nanos payAsYouGo(TierSettings settings, Payer payer) {
    return payer.tier() == Tier.FREE
        ? Nanos.ZERO
        : payer.limits().stream()
            .filter(limit -> limit.scope() == Limit.Scope.PAYG)
            .map(Limit::amount)
            .findFirst()
            .orElse(settings.payAsYouGo());
  }

  private static MonthlyLot postpaid(Payer payer, Nanos size, long number, YearMonth month) {
    return lot(Kind.POSTPAID, postpaidRef(payer.wallet(), month), size, number, month);
  }

  private static String postpaidRef(WalletId wallet, YearMonth month) {
    return "postpaid:" + wallet + ":" + month;
  }

  /// The reference of the lot that a limit is in a month.
  public static String refOf(WalletId wallet, Limit limit, YearMonth month) {
    return limit.scope() == Limit.Scope.PAYG
        ? postpaidRef(wallet, month)
        : "limit:%s:%s:%d:%s".formatted(wallet, limit.scope().text(), limit.subject(), month);
  }

  private static MonthlyLot limit(Payer payer, Limit limit, YearMonth month) {
    String ref = refOf(payer.wallet(), limit, month);
    MonthlyLot lot = lot(Kind.LIMIT, ref, limit.amount(), limit.number(), month);
    return new MonthlyLot(
        lot.kind, ref, lot.size, lot.number, lot.startsMicros, lot.expiresMicros, limit);
  }

  private static MonthlyLot lot(Kind kind, String ref, Nanos size, long number, YearMonth month) {
    return new MonthlyLot(
        kind,
        ref,
        size,
        number,
        MonthlyGrant.startOf(month),
        MonthlyGrant.startOf(month.plusMonths(1)),
        null);
  }
}
