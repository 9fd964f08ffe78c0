package faregate.prove;

import faregate.kit.Json;
import faregate.money.Nanos;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;

/// Says what came out of a proof.
public final class Report {
  private final ProofSettings settings;
  private final Proof.Result result;

  public Report(ProofSettings settings, Proof.Result result) {
    this.settings = settings;
    this.result = result;
  }

  /// As one line of JSON.
  public void json(PrintWriter out) {
    Verdict verdict = result.verdict();
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("store", settings.store().text());
    figures.put("nodes", settings.nodes());
    figures.put("seed", settings.seed());
    figures.put("kills", result.kills());
    figures.put("calls", verdict.calls());
    figures.put("lost", verdict.lost());
    figures.put("overspent", verdict.overspent());
    figures.put("openPastGrace", verdict.openPastGrace());
    figures.put("false402", verdict.false402());
    figures.put("unexplainedNanoUsd", verdict.unexplainedNanoUsd());
    out.println(Json.MAPPER.writeValueAsString(figures));
    out.flush();
  }

  /// In words.
  public void words(PrintWriter out) {
    Verdict verdict = result.verdict();
    out.println();
    out.println("What was done:");
    Mishap.counts(result.mishaps().stream().map(Mishap::kind).toList())
        .forEach((kind, times) -> out.println("  " + times + " x " + kind.words()));
    out.println("  " + (result.months() - 1) + " x month rolled over");
    troubles(out, verdict.troubles());
    out.println();
    out.printf("%d calls; %d times a cost was told.%n", verdict.calls(), verdict.told());
    verdict.ends().forEach((end, times) -> out.printf("  %6d  %s%n", times, end));
    out.printf(
        "The providers bill %s. The ledger charged %s, and the operator bears %s"
            + " (incidents allow up to %s).%n",
        Nanos.of(verdict.billedNanoUsd()),
        Nanos.of(verdict.postedNanoUsd()),
        Nanos.of(verdict.coveredNanoUsd()),
        Nanos.of(verdict.ownedNanoUsd()));
    out.println();
    out.printf("  lost charges                  %d%n", verdict.lost());
    out.printf("  overspent                     %d%n", verdict.overspent());
    out.printf("  holds open past their grace   %d%n", verdict.openPastGrace());
    out.printf("  false 402s                    %d%n", verdict.false402());
    out.printf("  unexplained                   %s%n", Nanos.of(verdict.unexplainedNanoUsd()));
    verdict.findings().forEach(finding -> out.println("  ! " + finding));
    out.println();
    out.println(judgement(verdict));
    out.flush();
  }

  private String judgement(Verdict verdict) {
    Sabotage sabotage = settings.sabotage();
    if (sabotage != null) {
      return verdict.isClean()
          ? "The sabotage " + sabotage.text() + " WAS NOT SEEN. Give it longer by --minutes."
          : "NOT PROVED, as it should be: " + sabotage.text() + " broke the ledger on purpose.";
    }
    return verdict.isClean()
        ? "Proved: every cent is accounted for."
        : "NOT PROVED. Run it again with --seed " + settings.seed() + ".";
  }

  private static void troubles(PrintWriter out, Map<String, Long> troubles) {
    long left = 0;
    long chunks = 0;
    for (Map.Entry<String, Long> each : troubles.entrySet()) {
      if (each.getKey().startsWith(Order.LEFT)) {
        left += each.getValue();
        chunks++;
      } else {
        out.println("  " + each.getValue() + " x " + each.getKey());
      }
    }
    out.printf(
        "  %d x client left in the stream, after %d different numbers of chunks%n", left, chunks);
  }
}
