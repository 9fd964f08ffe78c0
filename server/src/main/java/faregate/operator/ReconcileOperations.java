package faregate.operator;

import faregate.catalog.Catalog;
import faregate.catalog.Provider;
import faregate.identity.MonthlyGrant;
import faregate.kit.NearNames;
import faregate.ledger.History;
import faregate.ledger.Ledger;
import faregate.money.Nanos;
import faregate.reconcile.Comparison;
import faregate.reconcile.Exposure;
import faregate.store.Database;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.YearMonth;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What providers billed, or may still bill, against what callers were charged.
final class ReconcileOperations {
  private final Exposure exposure;
  private final Comparison comparison;
  private final Catalog catalog;
  private final Ledger ledger;

  ReconcileOperations(Database database, Catalog catalog, Ledger ledger) {
    this.exposure = new Exposure(database);
    this.comparison = new Comparison(database);
    this.catalog = catalog;
    this.ledger = ledger;
  }

  /// @param billedNanoUsd what the provider billed later; null while it has not told
  /// @param beyondNanoUsd what of it the caller did not pay
  record Exposed(
      String at,
      String call,
      String provider,
      String model,
      String request,
      String why,
      long boundNanoUsd,
      long chargeNanoUsd,
      @Nullable Long billedNanoUsd,
      long beyondNanoUsd) {}

  record Exposures(
      String month,
      String openUsd,
      long openNanoUsd,
      String settledUsd,
      long settledNanoUsd,
      String beyondUsd,
      long beyondNanoUsd,
      List<Exposed> lines) {}

  record Difference(
      String request,
      @Nullable String call,
      long oursNanoUsd,
      long theirsNanoUsd,
      long differenceNanoUsd,
      String why) {}

  record Why(long lines, String differenceUsd, long differenceNanoUsd) {}

  record Reconciled(
      String provider,
      String month,
      String source,
      long calls,
      String oursUsd,
      long oursNanoUsd,
      String lossUsd,
      long lossNanoUsd,
      long byokCalls,
      long theirLines,
      String theirsUsd,
      long theirsNanoUsd,
      String differenceUsd,
      long differenceNanoUsd,
      Map<String, Why> why,
      String unexplainedUsd,
      long unexplainedNanoUsd,
      List<Difference> lines) {}

  void addTo(Operations operations) {
    operations.add("exposure", this::exposure).add("reconcile", this::reconcile);
  }

  private Object exposure(Arguments arguments) {
    YearMonth month = month(arguments);
    try {
      return shown(exposure.of(month));
    } catch (History.ClosedException e) {
      throw closed(month, e);
    }
  }

  /// A sum of what is left would be wrong and look right.
  private static Refusal closed(YearMonth month, History.ClosedException e) {
    return Refusal.badInput(
        "The calls of %s are kept no longer (retention.call_months). The first month that is kept is %s."
            .formatted(month, Comparison.firstWhole(e.untilMicros())));
  }

  private static Exposures shown(Exposure.Report report) {
    return new Exposures(
        report.month().toString(),
        Usd.of(report.open()),
        report.open().value(),
        Usd.of(report.settled()),
        report.settled().value(),
        Usd.of(report.beyond()),
        report.beyond().value(),
        report.lines().stream().map(ReconcileOperations::exposed).toList());
  }

  private static Exposed exposed(Exposure.Line line) {
    Nanos billed = line.billed();
    return new Exposed(
        Instant.EPOCH.plus(line.madeMicros(), ChronoUnit.MICROS).toString(),
        line.call().text(),
        line.provider(),
        line.model(),
        line.request(),
        line.why(),
        line.bound().value(),
        line.charge().value(),
        billed == null ? null : billed.value(),
        line.beyond().value());
  }

  private Object reconcile(Arguments arguments) {
    String provider = provider(arguments.text("provider"));
    String bill = arguments.textOrNull("bill");
    Path file = bill == null ? null : Path.of(bill).toAbsolutePath().normalize();
    if (file != null && !Files.isReadable(file)) {
      throw Refusal.badInput(file + " cannot be read. Name a CSV file with the provider's bill.");
    }
    YearMonth month = month(arguments);
    try {
      return shown(comparison.of(provider, month, file));
    } catch (History.ClosedException e) {
      throw closed(month, e);
    } catch (IllegalArgumentException e) {
      throw Refusal.badInput(String.valueOf(e.getMessage()));
    }
  }

  private String provider(String slug) {
    List<String> known = catalog.current().providers().stream().map(Provider::slug).toList();
    if (!known.contains(slug)) {
      throw Refusal.badInput(
          "There is no provider '%s'.%s".formatted(slug, NearNames.of(slug, known)));
    }
    return slug;
  }

  /// The month that is named, else the one that it is.
  private YearMonth month(Arguments arguments) {
    String month = arguments.textOrNull("month");
    try {
      return month == null ? MonthlyGrant.month(ledger.nowMicros()) : YearMonth.parse(month);
    } catch (DateTimeException _) {
      throw Refusal.badInput("'" + month + "' is no month; write it like 2026-11.");
    }
  }

  private static Reconciled shown(Comparison.Report report) {
    Map<String, Why> why = new TreeMap<>();
    report
        .sums()
        .forEach(
            (code, sum) ->
                why.put(
                    code,
                    new Why(sum.lines(), Usd.of(sum.difference()), sum.difference().value())));
    return new Reconciled(
        report.provider(),
        report.month().toString(),
        report.source(),
        report.calls(),
        Usd.of(report.ours()),
        report.ours().value(),
        Usd.of(report.loss()),
        report.loss().value(),
        report.byokCalls(),
        report.theirLines(),
        Usd.of(report.theirs()),
        report.theirs().value(),
        Usd.of(report.difference()),
        report.difference().value(),
        why,
        Usd.of(report.unexplained()),
        report.unexplained().value(),
        report.lines().stream().map(ReconcileOperations::difference).toList());
  }

  private static Difference difference(Comparison.Line line) {
    return new Difference(
        line.request(),
        line.call(),
        line.ours().value(),
        line.theirs().value(),
        line.difference().value(),
        line.why());
  }
}
