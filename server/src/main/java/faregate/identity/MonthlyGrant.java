package faregate.identity;

import faregate.id.WalletId;
import faregate.money.Nanos;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/// One credit that a wallet is entitled to in a month (UTC).
///
/// A tier's entitlement is made of steps: the smallest tier's amount first, then what each larger
/// one has on top, each under a reference of its own that never changes. Whoever asks grants all
/// steps up to the wallet's tier in their order, and the ledger lets each reference in once. So a
/// month's total is the highest entitlement that was reached in it: an upgrade adds the difference,
/// a downgrade takes nothing back, and going up and down again mints nothing, on any number of
/// nodes.
///
/// Where the configured amounts change in mid-month, the steps are other ones, and a wallet may
/// have more than what lies below one of them: such a step is not due.
///
/// @param ref `grant:{wallet}:{yyyy-MM}`, and for a higher step the same with `:{tier}` behind it
/// @param below what the smaller tiers' steps come to; a wallet that has more of its month's credit
///   is not due this step
/// @param startsMicros first moment of the month
/// @param expiresMicros first moment of the next one
public record MonthlyGrant(
    String ref, Nanos amount, Nanos below, long startsMicros, long expiresMicros) {

  /// What `wallet` is entitled to in the month of `nowMicros`, which is ledger time; the smallest
  /// tier's step first.
  public static List<MonthlyGrant> of(
      TierSettings settings, WalletId wallet, Tier tier, long nowMicros) {
    YearMonth month = month(nowMicros);
    String base = refOf(wallet, month);
    Nanos entitled = settings.monthly(tier);
    Nanos below = Nanos.ZERO;
    List<MonthlyGrant> grants = new ArrayList<>();
    for (Tier step : settings.ladder()) {
      Nanos upTo = settings.monthly(step);
      if (upTo.compareTo(entitled) <= 0 && below.isLessThan(upTo)) {
        String ref = below.equals(Nanos.ZERO) ? base : base + ":" + step.text();
        grants.add(
            new MonthlyGrant(
                ref, upTo.minus(below), below, startOf(month), startOf(month.plusMonths(1))));
        below = upTo;
      }
    }
    return List.copyOf(grants);
  }

  /// Whether a reference is that of a grant of the same wallet and month as this one.
  public boolean isBeside(WalletId wallet, String other) {
    String base = refOf(wallet, month(startsMicros));
    return other.equals(base) || other.startsWith(base + ":");
  }

  /// The month (UTC) that a moment lies in.
  public static YearMonth month(long micros) {
    Instant instant = Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    return YearMonth.from(LocalDate.ofInstant(instant, ZoneOffset.UTC));
  }

  /// First moment of a month (UTC), in microseconds since the epoch.
  public static long startOf(YearMonth month) {
    Instant first = month.atDay(1).atStartOfDay(ZoneOffset.UTC).toInstant();
    return ChronoUnit.MICROS.between(Instant.EPOCH, first);
  }

  /// The reference that all monthly grants of a wallet and month begin with.
  public static String refOf(WalletId wallet, YearMonth month) {
    return "grant:" + wallet + ":" + month;
  }
}
