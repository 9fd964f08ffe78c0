package faregate.reconcile;

import faregate.id.CallId;
import faregate.id.OfferId;
import faregate.kit.ReservedIds;
import faregate.ledger.History;
import faregate.ledger.History.PastCall;
import faregate.money.Nanos;
import faregate.store.Database;
import faregate.usage.Facts;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What providers may still bill beyond what callers were charged: attempts that told nothing,
/// answers that were cut, and answers whose usage was not told; with what later bills made of them.
public final class Exposure {
  private final Database database;
  private final History history;

  public Exposure(Database database) {
    this.database = database;
    this.history = new History(database);
  }

  /// One attempt.
  ///
  /// @param provider empty where a node of an older release died before it could tell
  /// @param request the provider's id of the call; empty where it told none
  /// @param why `ambiguous`, `client_left`, `broke`, `estimated` where the answer was whole and we
  ///   counted it, or the reason that the hold was let go
  /// @param bound the most that can be billed beyond the charge
  /// @param charge what the caller paid for it; 0 for an attempt beside the one that served
  /// @param billed what the provider billed later; null while it has not told
  /// @param beyond what of the bill the caller did not pay: the operator's
  public record Line(
      long madeMicros,
      CallId call,
      String provider,
      String model,
      String request,
      String why,
      Nanos bound,
      Nanos charge,
      @Nullable Nanos billed,
      Nanos beyond) {}

  /// @param open the bounds of what no bill has settled
  /// @param settled the bounds of what later bills have settled
  /// @param beyond what those bills were beyond the charges
  public record Report(
      YearMonth month, Nanos open, Nanos settled, Nanos beyond, List<Line> lines) {}

  public Report of(YearMonth month) {
    long from = Comparison.micros(month);
    long to = Comparison.micros(month.plusMonths(1));
    Map<CallId, History.Incident> exposed = new HashMap<>();
    for (History.Incident incident : history.incidents(from, to)) {
      if (incident.isExposure()) {
        exposed.merge(incident.call(), incident, History.Incident::plus);
      }
    }
    Map<CallId, Nanos> bills = database.read(handle -> LateBillSql.bills(handle, from, to));
    List<Line> lines = new ArrayList<>();
    if (!exposed.isEmpty()) {
      history.calls(
          from,
          to,
          call -> {
            History.Incident incident = exposed.get(call.id());
            if (incident != null) {
              add(lines, call, incident, bills.get(call.id()));
            }
          });
    }
    return report(month, lines);
  }

  private static void add(
      List<Line> lines, PastCall call, History.Incident incident, @Nullable Nanos bill) {
    Facts facts = PastFacts.read(call);
    Nanos served = incident.amount();
    for (Facts.Exposed attempt : facts.exposed()) {
      lines.add(line(call, attempt.offer(), "", "ambiguous", attempt.bound(), Nanos.ZERO, null));
      served = served.minus(attempt.bound());
    }
    if (served.value() > 0) {
      lines.add(
          line(
              call,
              facts.offer(),
              PastFacts.request(facts),
              why(call, facts, incident),
              served,
              call.charge(),
              bill));
    }
  }

  private static String why(PastCall call, Facts facts, History.Incident incident) {
    if (!facts.course().isEmpty()) {
      return facts.course();
    }
    return call.isPosted() && !incident.isOfExpiry() ? "estimated" : incident.reason();
  }

  private static Line line(
      PastCall call,
      OfferId offer,
      String request,
      String why,
      Nanos bound,
      Nanos charge,
      @Nullable Nanos bill) {
    return new Line(
        ReservedIds.madeMicros(call.id().value()),
        call.id(),
        offer.provider(),
        offer.providerModel(),
        request,
        why,
        bound,
        charge,
        bill,
        bill == null ? Nanos.ZERO : bill.minus(charge).atLeast(Nanos.ZERO));
  }

  private static Report report(YearMonth month, List<Line> lines) {
    lines.sort(Comparator.comparing(Line::call));
    Nanos open = Nanos.ZERO;
    Nanos settled = Nanos.ZERO;
    Nanos beyond = Nanos.ZERO;
    for (Line line : lines) {
      if (line.billed() == null) {
        open = open.plus(line.bound());
      } else {
        settled = settled.plus(line.bound());
        beyond = beyond.plus(line.beyond());
      }
    }
    return new Report(month, open, settled, beyond, List.copyOf(lines));
  }
}
