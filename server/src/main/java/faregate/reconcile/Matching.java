package faregate.reconcile;

import faregate.kit.ReservedIds;
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
  private final Map<Long, Nanos> exposures;
  private final long unit;
  private final long fromMicros;
  private final long toMicros;
  private final List<Line> lines = new ArrayList<>();
  private final Totals totals = new Totals();

  /// The most that attempts which told nothing may have been billed.
  private Nanos ambiguous = Nanos.ZERO;

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
  /// @param exposures by call
  /// @param unit what the last place of their amounts is worth
  Matching(
      String provider,
      boolean fromEndpoint,
      Map<String, Nanos> theirs,
      Map<String, Told> told,
      Map<Long, Nanos> exposures,
      long unit,
      long fromMicros,
      long toMicros) {
    this.provider = provider;
    this.fromEndpoint = fromEndpoint;
    this.theirs = theirs;
    this.told = told;
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
    Facts facts = PastFacts.read(call.facts());
    long made = ReservedIds.madeMicros(call.id().value());
    boolean inMonth = made >= fromMicros && made < toMicros;
    if (inMonth) {
      expose(facts);
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
        ambiguous = ambiguous.plus(exposed.bound());
      }
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
        add(request, call, call.charge(), Nanos.ZERO, absent(request));
      } else if (!call.isPosted() && exposure(call, facts).value() > 0) {
        // Its provider may bill it under an id that was never told.
        ambiguous = ambiguous.plus(exposure(call, facts));
      }
      return;
    }
    counted(billed);
    if (!billed.equals(call.charge())) {
      add(request, call, call.charge(), billed, why(call, facts, request, billed));
    }
  }

  private Why absent(String request) {
    Told asked = told.get(request);
    return fromEndpoint && asked != null && asked.state().equals(LateBillSql.WAITING)
        ? Why.NOT_YET_BILLED
        : Why.UNKNOWN_TO_THEM;
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
    if (Math.abs(difference) <= unit) {
      return Why.ROUNDING;
    }
    if (difference > 0 && difference <= bound.value()) {
      return course(facts);
    }
    Told asked = told.get(request);
    boolean toldOtherwise =
        asked != null && asked.state().equals(LateBillSql.BILLED) && !asked.bill().equals(billed);
    return call.estimated() && !toldOtherwise ? Why.ESTIMATED : Why.UNEXPLAINED;
  }

  /// What the served attempt may still be billed: attempts before it are counted for themselves.
  private Nanos exposure(PastCall call, Facts facts) {
    Nanos all = exposures.getOrDefault(call.id().value(), Nanos.ZERO);
    for (Facts.Exposed exposed : facts.exposed()) {
      all = all.minus(exposed.bound());
    }
    return all.atLeast(Nanos.ZERO);
  }

  private static Why course(Facts facts) {
    return switch (facts.course()) {
      case "client_left", "client_left_drained" -> Why.CLIENT_LEFT;
      case "" -> Why.NODE_DIED;
      case "no_answer" -> Why.AMBIGUOUS;
      default -> Why.CUT;
    };
  }

  /// What is left of their lines. Attempts that told nothing have told no id either, so as many of
  /// them as their bounds cover are taken for those; the smallest first.
  void rest() {
    if (fromEndpoint) {
      return;
    }
    List<Map.Entry<String, Nanos>> left = new ArrayList<>(theirs.entrySet());
    left.sort(Map.Entry.comparingByValue());
    for (Map.Entry<String, Nanos> each : left) {
      Nanos billed = each.getValue();
      boolean covered = !ambiguous.isLessThan(billed);
      ambiguous = covered ? ambiguous.minus(billed) : ambiguous;
      counted(billed);
      add(each.getKey(), null, Nanos.ZERO, billed, covered ? Why.AMBIGUOUS : Why.UNKNOWN_TO_US);
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
