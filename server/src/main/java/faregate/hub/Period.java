package faregate.hub;

import faregate.http.Problem;
import faregate.http.Visit;
import faregate.identity.MonthlyGrant;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/// The stretch of time that is asked about, and the month it is billed in. All of it UTC.
///
/// @param fromMicros first moment
/// @param toMicros first moment behind it; [Long#MAX_VALUE] when it lasts until now, for the times
///   of calls, which their ids tell, may run a little ahead of the clock
/// @param month the month in which it ends, or this one when it ends later
/// @param isThisMonth whether it is all of this month up to now
record Period(long fromMicros, long toMicros, YearMonth month, boolean isThisMonth) {
  private static final long MICROS_A_SECOND = 1_000_000;
  private static final Instant LAST = Instant.parse("9999-12-31T00:00:00Z");
  private static final String START = "startDate";
  private static final String END = "endDate";

  /// Reads `startDate` and `endDate`, each in seconds since 1970 or ISO 8601. Without them: this
  /// month up to now. The second that `endDate` names is part of the period.
  static Period of(Visit visit, long nowMicros) {
    long monthStart = MonthlyGrant.startOf(MonthlyGrant.month(nowMicros));
    long from = micros(visit, START, monthStart);
    long end = micros(visit, END, nowMicros);
    if (end < from) {
      throw bad(START, "startDate lies behind endDate: swap them");
    }
    boolean isOpen = end + MICROS_A_SECOND > nowMicros;
    return new Period(
        from,
        isOpen ? Long.MAX_VALUE : end + MICROS_A_SECOND,
        MonthlyGrant.month(Math.min(end, nowMicros)),
        isOpen && from == monthStart);
  }

  /// All of this month up to now.
  static Period thisMonth(long nowMicros) {
    YearMonth month = MonthlyGrant.month(nowMicros);
    return new Period(MonthlyGrant.startOf(month), Long.MAX_VALUE, month, true);
  }

  /// First moment of the month, as the Hub writes times.
  String start() {
    return Iso.of(MonthlyGrant.startOf(month));
  }

  /// Last millisecond of the month.
  String end() {
    return Iso.of(MonthlyGrant.startOf(month.plusMonths(1)) - 1000);
  }

  private static long micros(Visit visit, String name, long otherwise) {
    String text = visit.query(name);
    if (text == null || text.isEmpty()) {
      return otherwise;
    }
    Instant instant = instant(text);
    if (instant == null || instant.isAfter(LAST) || instant.isBefore(Instant.EPOCH)) {
      throw bad(
          name,
          "%s is a time in seconds since 1970 or in ISO 8601, such as 2026-11-01T00:00:00Z, not '%s'"
              .formatted(name, text));
    }
    return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
  }

  private static @Nullable Instant instant(String text) {
    try {
      if (text.matches("[0-9]{1,11}")) {
        return Instant.ofEpochSecond(Long.parseLong(text));
      }
      return text.contains("T")
          ? OffsetDateTime.parse(text).toInstant()
          : LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant();
    } catch (DateTimeException _) {
      return null;
    }
  }

  private static RuntimeException bad(String param, String message) {
    return Problem.badRequest("invalid_period", message).withParam(param).asException();
  }
}
