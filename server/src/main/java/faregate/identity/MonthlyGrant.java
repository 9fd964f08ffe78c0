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
/// steps up to the wallet's tier, and the ledger lets each reference in once. So a month's total is
/// the highest entitlement that was reached in it: an upgrade adds the difference, a downgrade
/// takes nothing back, and going up and down again mints nothing, on any number of nodes.
///
/// @param ref `grant:{wallet}:{yyyy-MM}`, and for a higher step the same with `:{tier}` behind it
/// @param startsMicros first moment of the month
/// @param expiresMicros first moment of the next one
public record MonthlyGrant(String ref, Nanos amount, long startsMicros, long expiresMicros) {

  /// What `wallet` is entitled to in the month of `nowMicros`, which is ledger time.
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
            new MonthlyGrant(ref, upTo.minus(below), startOf(month), startOf(month.plusMonths(1))));
        below = upTo;
      }
    }
    return List.copyOf(grants);
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
