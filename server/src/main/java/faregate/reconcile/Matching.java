package faregate.reconcile;

import faregate.kit.ReservedIds;
import faregate.ledger.History;
import faregate.ledger.History.PastCall;
import faregate.money.Nanos;
import faregate.reconcile.Comparison.Line;
import faregate.reconcile.LateBillSql.Told;
import faregate.usage.Facts;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Lays a provider's lines beside our calls, one call at a time; what is left of theirs at the end
/// is unknown to us.
final class Matching {
  private final String provider;
  private final boolean fromEndpoint;
  private final Map<String, Nanos> theirs;
  private final Map<String, Told> told;
  private final Map<Long, Long> takenIn;
  private final Map<Long, History.Incident> exposures;
  private final long unit;
  private final long fromMicros;
  private final long toMicros;
  private final List<Line> lines = new ArrayList<>();
  private final Totals totals = new Totals();

  /// Attempts that told no id.
  private final Bounds untold = new Bounds();

  /// What adds up over all calls, those that agree too.
  static final class Totals {
    long calls;
    Nanos ours = Nanos.ZERO;
    Nanos loss = Nanos.ZERO;
    long byokCalls;
    long theirLines;
    Nanos theirs = Nanos.ZERO;
  }

  /// @param fromEndpoint whether their lines are what the billing endpoint told
  /// @param theirs by the provider's id; taken apart
  /// @param told what the billing endpoint told
  /// @param takenIn how far the calls to ask about were noted, by writer: read before `told`
  /// @param exposures by call
  /// @param unit what the last place of their amounts is worth
  Matching(
      String provider,
      boolean fromEndpoint,
      Map<String, Nanos> theirs,
      Map<String, Told> told,
      Map<Long, Long> takenIn,
      Map<Long, History.Incident> exposures,
      long unit,
      long fromMicros,
      long toMicros) {
    this.provider = provider;
    this.fromEndpoint = fromEndpoint;
    this.theirs = theirs;
    this.told = told;
    this.takenIn = takenIn;
    this.exposures = exposures;
    this.unit = unit;
    this.fromMicros = fromMicros;
    this.toMicros = toMicros;
  }

  List<Line> lines() {
    return List.copyOf(lines);
  }

  Totals totals() {
    return totals;
  }

  void call(PastCall call) {
    Facts facts = PastFacts.read(call);
    long made = ReservedIds.madeMicros(call.id().value());
    boolean inMonth = made >= fromMicros && made < toMicros;
    if (inMonth) {
      expose(facts);
      if (isFromNowhere(facts)) {
        exposeEnd(call, facts);
      }
    }
    if (!facts.offer().provider().equals(provider)) {
      return;
    }
    if (facts.payment().byok()) {
      totals.byokCalls += inMonth ? 1 : 0;
      return;
    }
    String request = PastFacts.request(facts);
    Nanos billed = request.isEmpty() ? null : theirs.remove(request);
    if (inMonth) {
      count(call);
      compare(call, facts, request, billed);
    } else if (billed != null && !fromEndpoint) {
      counted(billed);
      add(request, call, Nanos.ZERO, billed, Why.OTHER_MONTH);
    }
  }

  private void expose(Facts facts) {
    for (Facts.Exposed exposed : facts.exposed()) {
      if (exposed.offer().provider().equals(provider)) {
        untold.add(exposed.bound(), Why.AMBIGUOUS);
      }
    }
  }

  /// A node that ran an older release died before it noted whom it had asked: any provider.
  private static boolean isFromNowhere(Facts facts) {
    return facts.offer().provider().isEmpty();
  }

  /// A call that was let go may be billed all the same, under an id that was never told.
  private void exposeEnd(PastCall call, Facts facts) {
    Nanos bound = exposure(call, facts);
    if (!call.isPosted() && bound.value() > 0) {
      untold.add(bound, course(call, facts));
    }
  }

  private void count(PastCall call) {
    totals.calls += call.isPosted() ? 1 : 0;
    totals.ours = totals.ours.plus(call.charge());
    totals.loss = totals.loss.plus(call.loss());
  }

  private void counted(Nanos billed) {
    totals.theirLines++;
    totals.theirs = totals.theirs.plus(billed);
  }

  private void compare(PastCall call, Facts facts, String request, @Nullable Nanos billed) {
    if (billed == null) {
      if (call.charge().value() > 0) {
        add(request, call, call.charge(), Nanos.ZERO, absent(call, request));
      } else {
        exposeEnd(call, facts);
      }
      return;
    }
    counted(billed);
    if (!billed.equals(call.charge())) {
      add(request, call, call.charge(), billed, why(call, facts, request, billed));
    }
  }

  private Why absent(PastCall call, String request) {
    Told asked = told.get(request);
    boolean waits =
        asked == null
            ? !request.isEmpty() && call.seq() > takenIn.getOrDefault(call.fence(), 0L)
            : asked.state().equals(LateBillSql.WAITING);
    return fromEndpoint && waits ? Why.NOT_YET_BILLED : Why.UNKNOWN_TO_THEM;
  }

  private Why why(PastCall call, Facts facts, String request, Nanos billed) {
    long difference = billed.minus(call.charge()).value();
    Nanos bound = exposure(call, facts);
    if (difference > 0 && difference == call.loss().value()) {
      return Why.EXCESS;
    }
    if (call.adjusted() && billed.equals(call.posted())) {
      return Why.ADJUSTED_LATER;
    }
    if (Math.abs(difference) < unit) {
      return Why.ROUNDING;
    }
    if (difference > 0 && difference <= bound.value()) {
      return course(call, facts);
    }
    Told asked = told.get(request);
    boolean toldOtherwise =
        asked != null && asked.state().equals(LateBillSql.BILLED) && !asked.bill().equals(billed);
    Nanos most = call.held().plus(bound).plus(call.loss().atLeast(Nanos.ZERO));
    return call.estimated() && !toldOtherwise && !most.isLessThan(billed)
        ? Why.ESTIMATED
        : Why.UNEXPLAINED;
  }

  /// What the served attempt may still be billed: attempts before it are counted for themselves.
  private Nanos exposure(PastCall call, Facts facts) {
    History.Incident incident = exposures.get(call.id().value());
    Nanos all = incident == null ? Nanos.ZERO : incident.amount();
    for (Facts.Exposed exposed : facts.exposed()) {
      all = all.minus(exposed.bound());
    }
    return all.atLeast(Nanos.ZERO);
  }

  private Why course(PastCall call, Facts facts) {
    return switch (facts.course()) {
      case "client_left", "client_left_drained" -> Why.CLIENT_LEFT;
      case "" -> {
        History.Incident incident = exposures.get(call.id().value());
        yield incident == null || incident.isOfExpiry() ? Why.NODE_DIED : Why.ESTIMATED;
      }
      case "no_answer" -> Why.AMBIGUOUS;
      default -> Why.CUT;
    };
  }

  /// What is left of their lines. Attempts that told nothing have told no id either, so lines are
  /// taken for those as far as there is one with such a bound for each; the smallest first.
  void rest() {
    lopsided();
    if (fromEndpoint) {
      return;
    }
    untold.sort();
    List<Map.Entry<String, Nanos>> left = new ArrayList<>(theirs.entrySet());
    left.sort(Map.Entry.comparingByValue());
    for (Map.Entry<String, Nanos> each : left) {
      Nanos billed = each.getValue();
      counted(billed);
      Why why = untold.take(billed).orElse(Why.UNKNOWN_TO_US);
      add(each.getKey(), null, Nanos.ZERO, billed, why);
    }
  }

  /// Amounts that are rounded to the nearest place err by half of it at most, and to both sides.
  /// Where all err to one side and by more than that, it is no rounding.
  private void lopsided() {
    long lines = 0;
    long sum = 0;
    long apart = 0;
    for (Line line : this.lines) {
      if (line.why().equals(Why.ROUNDING.text())) {
        lines++;
        sum = Math.addExact(sum, line.difference().value());
        apart = Math.addExact(apart, Math.abs(line.difference().value()));
      }
    }
    if (Math.abs(sum) == apart && apart > lines * unit / 2) {
      this.lines.replaceAll(
          line -> line.why().equals(Why.ROUNDING.text()) ? line.because(Why.UNEXPLAINED) : line);
    }
  }

  private void add(String request, @Nullable PastCall call, Nanos ours, Nanos billed, Why why) {
    lines.add(
        new Line(
            request,
            call == null ? null : call.id().text(),
            ours,
            billed,
            billed.minus(ours),
            why.text()));
  }
}
