package faregate.usage;

import faregate.money.Nanos;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// What one session consumed in one month (UTC).
///
/// @param session as the client named it; empty for the calls that named none
public record SessionUse(YearMonth month, String session, long requests, Nanos charge) {
  private static final String NONE = "";

  private record Key(YearMonth month, String session) {}

  /// What the sessions have, and what all calls have beyond them.
  static List<SessionUse> of(List<ReportSql.Line> all, List<ReportSql.SessionLine> named) {
    Map<Key, SessionUse> uses = new HashMap<>();
    for (ReportSql.Line line : all) {
      Totals totals = line.totals();
      add(uses, monthOf(line.day()), NONE, totals.requests(), totals.charge());
    }
    for (ReportSql.SessionLine line : named) {
      YearMonth month = monthOf(line.day());
      add(uses, month, line.session(), line.requests(), line.charge());
      add(uses, month, NONE, -line.requests(), Nanos.ZERO.minus(line.charge()));
    }
    return uses.values().stream()
        .filter(use -> use.requests() > 0)
        .sorted(Comparator.comparing(SessionUse::month).thenComparing(SessionUse::session))
        .toList();
  }

  private static void add(
      Map<Key, SessionUse> uses, YearMonth month, String session, long requests, Nanos charge) {
    uses.merge(
        new Key(month, session),
        new SessionUse(month, session, requests, charge),
        (a, b) ->
            new SessionUse(
                month, session, Math.addExact(a.requests, b.requests), a.charge.plus(b.charge)));
  }

  private static YearMonth monthOf(long day) {
    return YearMonth.from(LocalDate.ofEpochDay(day));
  }
}
