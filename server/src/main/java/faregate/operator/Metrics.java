package faregate.operator;

import faregate.gateway.Meters;
import faregate.id.OfferId;
import faregate.ledger.LedgerState;
import faregate.ledger.LedgerWatch;
import faregate.money.Nanos;
import faregate.store.Standing;
import faregate.tariff.Meter;
import faregate.tariff.Quantities;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What is counted, for Prometheus. Called once per event on event loops and on the ledger's
/// writer: each call is a look-up and a few additions. Labels are bounded: statuses, our own routes
/// and failure codes, and offers up to a number, beyond which they count as `other`.
public final class Metrics implements Meters, LedgerWatch {
  static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";
  private static final int OFFERS_MAX = 1000;
  private static final OfferId OTHER = new OfferId("other", "other");
  private static final Duration[] LATENCIES =
      millis(1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000);
  private static final Duration[] COMMITS = {
    Duration.ofNanos(100_000),
    Duration.ofNanos(200_000),
    Duration.ofNanos(500_000),
    Duration.ofMillis(1),
    Duration.ofMillis(2),
    Duration.ofMillis(5),
    Duration.ofMillis(10),
    Duration.ofMillis(50),
    Duration.ofMillis(250),
    Duration.ofSeconds(1)
  };

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final Map<Answered, Timer> answers = new ConcurrentHashMap<>();
  private final Map<Failed, Counter> failures = new ConcurrentHashMap<>();
  private final Map<OfferId, OfferMeters> offers = new ConcurrentHashMap<>();
  private final JvmGcMetrics collections = new JvmGcMetrics();
  private final AtomicLong streams = new AtomicLong();
  private final DistributionSummary batch;
  private final Timer commit;
  private final Counter rows;
  private volatile @Nullable Supplier<LedgerState> state;
  private volatile @Nullable Supplier<Standing> standing;
  private volatile boolean machine;

  private record Answered(String surface, int status) {}

  private record Failed(OfferId offer, String kind) {}

  /// Everything of one offer, found by one look-up.
  private record OfferMeters(
      Counter calls,
      Counter estimated,
      Counter inputTokens,
      Counter cachedTokens,
      Counter outputTokens,
      Counter cost,
      Timer firstByte) {}

  public Metrics() {
    batch =
        DistributionSummary.builder("faregate.ledger.batch.commands")
            .description("Commands answered by one transaction")
            .serviceLevelObjectives(1, 2, 5, 10, 20, 50, 100, 200, 512)
            .register(registry);
    commit =
        Timer.builder("faregate.ledger.commit")
            .description("From begin to durable")
            .serviceLevelObjectives(COMMITS)
            .register(registry);
    rows = Counter.builder("faregate.ledger.rows").register(registry);
    Gauge.builder("faregate.streams.open", streams, AtomicLong::get)
        .description("Streams that clients read now")
        .register(registry);
  }

  /// Shows how the ledger stands.
  public void watch(Supplier<LedgerState> ledger) {
    // The registry holds what it measures weakly, so this object is measured and holds the rest.
    state = ledger;
    gauge("faregate.holds.open", "Holds that have not ended", LedgerState::holdsOpen);
    gauge("faregate.ledger.queue", "Commands that wait for the writer", LedgerState::queued);
    gauge("faregate.ledger.line", "Holds in line for credit", LedgerState::waiting);
    gauge(
        "faregate.ledger.unwritten",
        "Ends of calls whose transaction failed and is tried again",
        LedgerState::unwritten);
    gauge(
        "faregate.ledger.writable",
        "1 while the ledger can write",
        now -> now.canWrite() ? 1L : 0L);
  }

  /// Shows how this node stands among the others.
  public void watchNode(Supplier<Standing> house) {
    standing = house;
    nodeGauge("faregate.node.number", "The number that this node writes under", Standing::node);
    nodeGauge(
        "faregate.node.beat.age",
        "Milliseconds since the last acknowledged beat was sent",
        Standing::beatMillis);
    nodeGauge("faregate.nodes", "Nodes that live on this database", node -> node.nodes().size());
    nodeGauge(
        "faregate.node.recoveries", "Dead nodes that this one has recovered", Standing::recoveries);
  }

  private void nodeGauge(String name, String about, Function<Standing, Number> value) {
    Gauge.builder(name, this, metrics -> metrics.readNode(value))
        .description(about)
        .register(registry);
  }

  private double readNode(Function<Standing, Number> value) {
    Supplier<Standing> node = standing;
    return node == null ? Double.NaN : value.apply(node.get()).doubleValue();
  }

  private void gauge(String name, String about, Function<LedgerState, Long> value) {
    Gauge.builder(name, this, metrics -> metrics.read(value)).description(about).register(registry);
  }

  private double read(Function<LedgerState, Long> value) {
    Supplier<LedgerState> ledger = state;
    return ledger == null ? Double.NaN : value.apply(ledger.get());
  }

  @Override
  public void answered(String surface, int status, long micros) {
    Answered key = new Answered(surface, status);
    Timer timer = answers.get(key);
    if (timer == null) {
      timer = answers.computeIfAbsent(key, this::timer);
    }
    timer.record(micros, TimeUnit.MICROSECONDS);
  }

  /// Counts an answer of a route that does not tell of its calls itself, as inference does.
  ///
  /// @param pattern of the route; empty where there was none
  public void visited(String pattern, int status, long micros) {
    String surface =
        pattern.isEmpty()
            ? "none"
            : pattern.startsWith("/v1/models")
                ? "models"
                : pattern.startsWith("/v1/")
                    ? ""
                    : pattern.startsWith("/api/") ? "api" : "operator";
    if (!surface.isEmpty()) {
      answered(surface, status, micros);
    }
  }

  @Override
  public void charged(
      String model, OfferId offer, Quantities quantities, Nanos charge, boolean estimated) {
    OfferMeters meters = of(offer);
    meters.calls().increment();
    if (estimated) {
      meters.estimated().increment();
    }
    meters.inputTokens().increment((double) quantities.of(Meter.INPUT_TOKEN));
    meters.cachedTokens().increment((double) quantities.of(Meter.CACHED_INPUT_TOKEN));
    meters.outputTokens().increment((double) quantities.answerTokens());
    meters.cost().increment((double) charge.value());
  }

  @Override
  public void served(OfferId offer, long firstByteMillis) {
    of(offer).firstByte().record(firstByteMillis, TimeUnit.MILLISECONDS);
  }

  @Override
  public void failed(OfferId offer, String kind) {
    OfferId known = offers.containsKey(offer) || offers.size() < OFFERS_MAX ? offer : OTHER;
    Failed key = new Failed(known, kind);
    Counter counter = failures.get(key);
    if (counter == null) {
      counter = failures.computeIfAbsent(key, this::counter);
    }
    counter.increment();
  }

  @Override
  public void streamOpened() {
    streams.incrementAndGet();
  }

  @Override
  public void streamClosed() {
    streams.decrementAndGet();
  }

  @Override
  public void batch(int commands, int rowsWritten, long commitNanos) {
    batch.record(commands);
    commit.record(commitNanos, TimeUnit.NANOSECONDS);
    rows.increment(rowsWritten);
  }

  /// The text that Prometheus reads.
  String scrape() {
    measureMachine();
    return registry.scrape();
  }

  /// The JVM's own meters join at the first scrape: they would only delay the start.
  private synchronized void measureMachine() {
    if (!machine) {
      machine = true;
      new JvmMemoryMetrics().bindTo(registry);
      new JvmThreadMetrics().bindTo(registry);
      new ProcessorMetrics().bindTo(registry);
      new UptimeMetrics().bindTo(registry);
      collections.bindTo(registry);
    }
  }

  /// Stops listening to the collector.
  public void close() {
    collections.close();
    registry.close();
  }

  private OfferMeters of(OfferId offer) {
    OfferMeters meters = offers.get(offer);
    if (meters != null) {
      return meters;
    }
    return offers.computeIfAbsent(offers.size() < OFFERS_MAX ? offer : OTHER, this::meters);
  }

  private OfferMeters meters(OfferId offer) {
    return new OfferMeters(
        counter("faregate.calls.charged", offer),
        counter("faregate.calls.estimated", offer),
        counter("faregate.tokens.input", offer),
        counter("faregate.tokens.input.cached", offer),
        counter("faregate.tokens.output", offer),
        counter("faregate.cost.nano.usd", offer),
        Timer.builder("faregate.upstream.first.byte")
            .description("From dispatch to the first byte of the answer")
            .tags("provider", offer.provider(), "model", offer.providerModel())
            .serviceLevelObjectives(LATENCIES)
            .register(registry));
  }

  private Counter counter(String name, OfferId offer) {
    return Counter.builder(name)
        .tags("provider", offer.provider(), "model", offer.providerModel())
        .register(registry);
  }

  private Counter counter(Failed failed) {
    return Counter.builder("faregate.upstream.failures")
        .description("Attempts that failed, by kind")
        .tags("provider", failed.offer().provider(), "model", failed.offer().providerModel())
        .tag("kind", failed.kind())
        .register(registry);
  }

  private Timer timer(Answered answered) {
    return Timer.builder("faregate.requests")
        .description("Requests by surface and status, with the time they took")
        .tags("surface", answered.surface(), "status", Integer.toString(answered.status()))
        .serviceLevelObjectives(LATENCIES)
        .register(registry);
  }

  private static Duration[] millis(long... values) {
    return Arrays.stream(values).mapToObj(Duration::ofMillis).toArray(Duration[]::new);
  }
}
