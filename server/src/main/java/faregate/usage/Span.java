package faregate.usage;

import java.time.YearMonth;

/// A span of time, with the whole days in it: those are told from the sums of days, and the parts
/// of days before and behind them from single calls.
///
/// @param from its first moment, in microseconds since the epoch
/// @param to the first moment that is no part of it
/// @param endDay the first whole day that is no part of it; below `firstDay` where it lies within a
///   day
record Span(long from, long to, long firstDay, long endDay) {

  boolean hasDays() {
    return firstDay < endDay;
  }

  boolean hasMomentsBefore() {
    return from < beforeEnd();
  }

  boolean hasMomentsBehind() {
    return behindStart() < to;
  }

  /// The end of the part before the whole days, which is all where it lies within a day.
  long beforeEnd() {
    return firstDay > endDay ? to : Days.start(firstDay);
  }

  /// The beginning of the part behind the whole days.
  long behindStart() {
    return firstDay > endDay ? to : Days.start(endDay);
  }

  /// What of it lies in a month (UTC).
  Span within(YearMonth month) {
    long first = month.atDay(1).toEpochDay();
    long end = month.plusMonths(1).atDay(1).toEpochDay();
    return new Span(
        Math.max(from, Days.start(first)),
        Math.min(to, Days.start(end)),
        Math.clamp(firstDay, first, end),
        Math.clamp(endDay, first, end));
  }
}
