package faregate.usage;

import faregate.money.Nanos;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What one session consumed in one month (UTC).
///
/// @param session as the client named it; empty for the calls that named none, and for those of
///   sessions that are not told by name
public record SessionUse(YearMonth month, String session, long requests, Nanos charge) {
  private static final String NONE = "";

  /// What each month came to, as if nobody had named a session.
  static List<SessionUse> months(List<ReportSql.Line> all) {
    Map<YearMonth, SessionUse> months = new TreeMap<>();
    for (ReportSql.Line line : all) {
      YearMonth month = YearMonth.from(LocalDate.ofEpochDay(line.day()));
      Totals totals = line.totals();
      months.merge(
          month, new SessionUse(month, NONE, totals.requests(), totals.charge()), SessionUse::plus);
    }
    return List.copyOf(months.values());
  }

  /// What the sessions have, and what the months have beyond them.
  static List<SessionUse> of(List<SessionUse> months, List<SessionUse> named) {
    Map<YearMonth, SessionUse> rest = new TreeMap<>();
    months.forEach(month -> rest.put(month.month(), month));
    named.forEach(use -> rest.merge(use.month(), use.negated(), SessionUse::plus));
    List<SessionUse> all = new ArrayList<>(rest.values());
    all.addAll(named);
    return all.stream()
        .filter(use -> use.requests() > 0)
        .sorted(Comparator.comparing(SessionUse::month).thenComparing(SessionUse::session))
        .toList();
  }

  private SessionUse plus(SessionUse other) {
    return new SessionUse(
        month, session, Math.addExact(requests, other.requests), charge.plus(other.charge));
  }

  private SessionUse negated() {
    return new SessionUse(month, session, -requests, Nanos.ZERO.minus(charge));
  }
}
