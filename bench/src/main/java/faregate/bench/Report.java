package faregate.bench;

import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;

/// The results as a page for people.
final class Report {
  private static final double FSYNC_GOAL_MICROS = 250;
  private static final double MEBIBYTE = 1 << 20;

  private final Results results;

  Report(Results results) {
    this.results = results;
  }

  String text() {
    return String.join("\n", head(), goals(), contestants(), rest());
  }

  private String head() {
    Machine machine = results.machine();
    return say(
        """
        # What the gateway costs

        Written by `bench/run`; README.md beside this page says what each figure means. Each is the middle one of the rounds: %d.

        | | |
        | --- | --- |
        | date | %s |
        | machine | %d cores, %s, %s |
        | kernel | %s |
        | JDK | %s |
        | beside it | %s |
        | fsync of 4 KiB, the middle of several probes | p50 %.0f µs, p99 %.0f µs |
        | load of the machine before the run | %s |
        """,
        results.rounds().getOrDefault("on", List.of()).size(),
        machine.date(),
        machine.cores(),
        machine.processor(),
        machine.memory(),
        machine.kernel(),
        machine.jdk(),
        machine.haproxy(),
        fsync(Results.Fsync::p50Micros),
        fsync(Results.Fsync::p99Micros),
        machine.load1());
  }

  // ---- what must be reached ----

  private String goals() {
    double fsync = fsync(Results.Fsync::p50Micros);
    double request = perRequest("on") / perRequest("haproxy");
    double chunk = perChunk("on") / perChunk("haproxy");
    double alone = added("on", round -> round.alone().p50Micros());
    double steady = added("on", round -> round.steady().p50Micros());
    double aloneGoal = 600 + 2 * fsync;
    double heap = results.heap().openBytes() / MEBIBYTE;
    double pairs = results.ledger().pairsPerSecond();
    double start = startMillis() / 1_000;
    return String.join(
        "\n",
        "## What must be reached (ledger on, durable)\n",
        "| figure | must be | is | |",
        "| --- | --- | --- | --- |",
        goal(
            "CPU per unary request at 500 connections, of HAProxy's",
            "≤ 4 ×",
            "%.2f ×",
            request,
            request <= 4),
        goal("CPU per chunk of a stream, of HAProxy's", "≤ 2 ×", "%.2f ×", chunk, chunk <= 2),
        goal(
            "p50 added at 1 client",
            say("≤ 0.6 ms + 2 × fsync p50 = %.2f ms", aloneGoal / 1_000),
            "%.2f ms",
            alone / 1_000,
            alone <= aloneGoal),
        goal("p50 added at 2,000/s", "≤ 2 ms", "%.2f ms", steady / 1_000, steady <= 2_000),
        goal(
            say("heap at %,d open streams", results.heap().streams()),
            "≤ 1,024 MiB",
            "%.0f MiB",
            heap,
            heap <= 1_024),
        row(
            "ledger alone, 64 clients, one wallet",
            "≥ 40,000 pairs/s where fsync ≤ 0.25 ms",
            say("%,.0f pairs/s", pairs),
            fsync > FSYNC_GOAL_MICROS && pairs < 40_000
                ? "not judged, fsync is slower"
                : verdict(pairs >= 40_000)),
        goal("start to first answer, AOT cache", "≤ 1.5 s", "%.2f s", start, start <= 1.5),
        "");
  }

  private static String goal(String what, String goal, String form, double is, boolean reached) {
    return row(what, goal, say(form, is), verdict(reached));
  }

  private static String verdict(boolean reached) {
    return reached ? "reached" : "**missed**";
  }

  private static String row(String... cells) {
    return "| " + String.join(" | ", cells) + " |";
  }

  // ---- the rest ----

  private String contestants() {
    return String.join(
        "\n",
        "## Beside each other\n",
        "| | direct | HAProxy | gateway, ledger on | gateway, ledger off |",
        "| --- | --- | --- | --- | --- |",
        row("requests/s, 500 connections", "%,.0f", r -> r.many().requestsPerSecond()),
        row("p50 there, ms", "%.2f", r -> r.many().p50Micros() / 1_000),
        row("p99 there, ms", "%.2f", r -> r.many().p99Micros() / 1_000),
        ratio("CPU µs per request there", r -> r.many().processorMicrosPerRequest()),
        row("requests/s, 64 connections", "%,.0f", r -> r.few().requestsPerSecond()),
        row("p50 there, ms", "%.2f", r -> r.few().p50Micros() / 1_000),
        row("p99 there, ms", "%.2f", r -> r.few().p99Micros() / 1_000),
        ratio("CPU µs per request there", r -> r.few().processorMicrosPerRequest()),
        row("p50 at 1 client, ms", "%.3f", r -> r.alone().p50Micros() / 1_000),
        row("p99 at 1 client, ms", "%.3f", r -> r.alone().p99Micros() / 1_000),
        row("p50 at 2,000/s, ms", "%.3f", r -> r.steady().p50Micros() / 1_000),
        row("p99 at 2,000/s, ms", "%.3f", r -> r.steady().p99Micros() / 1_000),
        ratio("CPU µs per request at 2,000/s", r -> r.steady().processorMicrosPerRequest()),
        row("chunks/s of 400 streams", "%,.0f", r -> r.streams().chunksPerSecond()),
        row("p50 of a chunk's age, ms", "%.3f", r -> r.streams().chunkAgeP50Micros() / 1_000),
        row("p99 of a chunk's age, ms", "%.3f", r -> r.streams().chunkAgeP99Micros() / 1_000),
        ratio("CPU µs per chunk", r -> r.streams().processorMicrosPerChunk()),
        "");
  }

  private String row(String what, String form, ToDoubleFunction<Round> of) {
    List<String> cells =
        List.of("direct", "haproxy", "on", "off").stream()
            .map(name -> say(form, figure(name, of)))
            .toList();
    return row(what, String.join(" | ", cells));
  }

  /// Processor time, with its ratio to HAProxy's.
  private String ratio(String what, ToDoubleFunction<Round> of) {
    double plain = figure("haproxy", of);
    return say(
        "| %s | | %.1f | %.1f (%.2f ×) | %.1f (%.2f ×) |",
        what,
        plain,
        figure("on", of),
        figure("on", of) / plain,
        figure("off", of),
        figure("off", of) / plain);
  }

  private String rest() {
    Results.Heap heap = results.heap();
    Results.LedgerFigures ledger = results.ledger();
    return say(
        """
        ## Further

        | | |
        | --- | --- |
        | p99 added at 1 client | HAProxy %.3f ms, ledger on %.3f ms, ledger off %.3f ms |
        | p99 added at 2,000/s | HAProxy %.3f ms, ledger on %.3f ms, ledger off %.3f ms |
        | heap, no stream open | %.1f MiB |
        | heap, %,d streams open | %.1f MiB, %.1f KiB for each; limit %s; %.1f %% of their chunks came in time |
        | ledger alone, 64 clients, one wallet | %,.0f pairs/s, p50 %.2f ms, p99 %.2f ms, %.1f µs of CPU a pair (with its clients) |
        | start to first answer, each | %s ms |
        """,
        added("haproxy", r -> r.alone().p99Micros()) / 1_000,
        added("on", r -> r.alone().p99Micros()) / 1_000,
        added("off", r -> r.alone().p99Micros()) / 1_000,
        added("haproxy", r -> r.steady().p99Micros()) / 1_000,
        added("on", r -> r.steady().p99Micros()) / 1_000,
        added("off", r -> r.steady().p99Micros()) / 1_000,
        heap.idleBytes() / MEBIBYTE,
        heap.streams(),
        heap.openBytes() / MEBIBYTE,
        heap.bytesPerStream() / 1_024,
        heap.limit(),
        heap.delivered() * 100,
        ledger.pairsPerSecond(),
        ledger.p50Micros() / 1_000,
        ledger.p99Micros() / 1_000,
        ledger.processorMicrosPerPair(),
        String.join(", ", results.startMillis().stream().map(ms -> say("%.0f", ms)).toList()));
  }

  private double perRequest(String name) {
    return figure(name, round -> round.many().processorMicrosPerRequest());
  }

  private double perChunk(String name) {
    return figure(name, round -> round.streams().processorMicrosPerChunk());
  }

  private double added(String name, ToDoubleFunction<Round> of) {
    return figure(name, of) - figure("direct", of);
  }

  private double figure(String name, ToDoubleFunction<Round> of) {
    return Round.median(results.rounds().getOrDefault(name, List.of()), of);
  }

  private double fsync(ToDoubleFunction<Results.Fsync> of) {
    return middle(results.fsyncs().stream().mapToDouble(of));
  }

  private double startMillis() {
    return middle(results.startMillis().stream().mapToDouble(ms -> ms));
  }

  private static double middle(DoubleStream values) {
    double[] sorted = values.sorted().toArray();
    return sorted[sorted.length / 2];
  }

  @SuppressWarnings("AnnotateFormatMethod") // forms come from a row of the table, too
  private static String say(String form, Object... values) {
    return String.format(Locale.ROOT, form, values);
  }
}
