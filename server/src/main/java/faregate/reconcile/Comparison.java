package faregate.reconcile;

import faregate.identity.MonthlyGrant;
import faregate.ledger.History;
import faregate.ledger.History.PastCall;
import faregate.money.Nanos;
import faregate.reconcile.LateBillSql.Told;
import faregate.store.Database;
import java.nio.file.Path;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A month of one provider: what our callers were charged against what the provider billed, and
/// every difference explained line by line.
///
/// Their side is what the billing endpoint told call by call, or a file that the operator got.
public final class Comparison {
  private static final long AROUND_MICROS = 2L * 24 * 3600 * 1_000_000;

  /// Calls that only one of the two books knows explain nothing by being named.
  private static final Set<String> SOMEBODY_HAS_TO_LOOK =
      Set.of(Why.UNEXPLAINED.text(), Why.UNKNOWN_TO_US.text(), Why.UNKNOWN_TO_THEM.text());

  private final Database database;
  private final History history;

  public Comparison(Database database) {
    this.database = database;
    this.history = new History(database);
  }

  /// One call that differs.
  ///
  /// @param request the provider's id; empty where it told none
  /// @param call ours, null where we do not know it
  /// @param ours what the caller was charged
  /// @param theirs what the provider billed
  /// @param why a code, see API.md
  public record Line(
      String request,
      @Nullable String call,
      Nanos ours,
      Nanos theirs,
      Nanos difference,
      String why) {
    Line because(Why other) {
      return new Line(request, call, ours, theirs, difference, other.text());
    }
  }

  /// Lines of one kind.
  public record Sum(long lines, Nanos difference) {}

  /// @param source `billing_endpoint` or the name of the file
  /// @param calls ours that were charged
  /// @param ours what they were charged, as it is now
  /// @param loss what of it the operator is known to pay on top
  /// @param byokCalls calls with callers' own keys, apart: the provider bills those callers
  /// @param theirLines lines of the provider's book
  /// @param difference theirs less ours
  /// @param sums of the lines, by why
  /// @param unexplained the absolute sum of the lines that somebody has to look at
  public record Report(
      String provider,
      YearMonth month,
      String source,
      long calls,
      Nanos ours,
      Nanos loss,
      long byokCalls,
      long theirLines,
      Nanos theirs,
      Nanos difference,
      Map<String, Sum> sums,
      Nanos unexplained,
      List<Line> lines) {}

  /// @param file null to take what the billing endpoint told
  /// @throws IllegalArgumentException when the file cannot be used; the message says why
  public Report of(String provider, YearMonth month, @Nullable Path file) {
    long from = micros(month);
    long to = micros(month.plusMonths(1));
    Map<Long, Long> takenIn = database.read(LateBillSql::positions);
    Map<String, Told> told =
        database.read(
            handle -> LateBillSql.told(handle, provider, wantsFrom(month), to + AROUND_MICROS));
    Map<String, Nanos> theirs = new LinkedHashMap<>();
    long unit = 1;
    if (file == null) {
      told.forEach(
          (request, each) -> {
            if (each.state().equals(LateBillSql.BILLED)) {
              theirs.put(request, each.bill());
            }
          });
    } else {
      BillFile bill = read(file);
      theirs.putAll(bill.amounts());
      unit = bill.unit();
    }
    Map<Long, History.Incident> exposures = new HashMap<>();
    for (History.Incident incident : history.incidents(wantsFrom(month), to + AROUND_MICROS)) {
      if (incident.isExposure()) {
        exposures.merge(incident.call().value(), incident, History.Incident::plus);
      }
    }
    Matching matching =
        new Matching(provider, file == null, theirs, told, takenIn, exposures, unit, from, to);
    history.calls(wantsFrom(month), to + AROUND_MICROS, (PastCall call) -> matching.call(call));
    matching.rest();
    return report(provider, month, file, matching);
  }

  private static BillFile read(Path file) {
    try {
      return BillFile.read(file);
    } catch (BillFile.Unreadable e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  private static Report report(
      String provider, YearMonth month, @Nullable Path file, Matching matching) {
    Map<String, Sum> sums = new TreeMap<>();
    Nanos unexplained = Nanos.ZERO;
    for (Line line : matching.lines()) {
      sums.merge(
          line.why(),
          new Sum(1, line.difference()),
          (one, other) ->
              new Sum(one.lines() + other.lines(), one.difference().plus(other.difference())));
      if (SOMEBODY_HAS_TO_LOOK.contains(line.why())) {
        unexplained = unexplained.plus(Nanos.of(Math.abs(line.difference().value())));
      }
    }
    Matching.Totals totals = matching.totals();
    return new Report(
        provider,
        month,
        file == null ? "billing_endpoint" : String.valueOf(file.getFileName()),
        totals.calls,
        totals.ours,
        totals.loss,
        totals.byokCalls,
        totals.theirLines,
        totals.theirs,
        totals.theirs.minus(totals.ours),
        sums,
        unexplained,
        matching.lines());
  }

  /// A comparison of a month wants the calls from here on, in microseconds since the epoch.
  public static long wantsFrom(YearMonth month) {
    return micros(month) - AROUND_MICROS;
  }

  /// The first month that can be compared whole where calls are kept from a time on.
  public static YearMonth firstWhole(long keptFromMicros) {
    YearMonth month = MonthlyGrant.month(keptFromMicros + AROUND_MICROS);
    return wantsFrom(month) < keptFromMicros ? month.plusMonths(1) : month;
  }

  static long micros(YearMonth month) {
    return month.atDay(1).atStartOfDay(ZoneOffset.UTC).toEpochSecond() * 1_000_000;
  }
}
