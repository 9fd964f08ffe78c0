package faregate.operator;

import static org.assertj.core.api.Assertions.assertThat;

import faregate.id.OfferId;
import faregate.ledger.LedgerState;
import faregate.money.Nanos;
import faregate.store.Standing;
import faregate.tariff.Quantities;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class MetricsTest {
  private final Metrics metrics = new Metrics();

  @Test
  void whatIsToldIsShown() {
    OfferId offer = new OfferId("sandbox", "a/b");
    metrics.answered("chat", 200, 1_500_000);
    metrics.answered("chat", 402, 1_000);
    metrics.visited("/v1/models/{model...}", 404, 1_000);
    metrics.visited("/api/whoami-v2", 200, 1_000);
    metrics.visited("", 404, 1_000);
    metrics.visited("/healthz", 200, 1_000);
    metrics.visited("/v1/chat/completions", 200, 1_000);
    metrics.charged("a/b", offer, Quantities.tokens(7, 5), Nanos.of(42), true);
    metrics.served(offer, 12);
    metrics.failed(offer, "busy");
    metrics.streamOpened();
    metrics.streamOpened();
    metrics.streamClosed();
    metrics.batch(3, 9, 200_000);
    assertThat(metrics.scrape())
        .contains(
            "faregate_requests_seconds_count{status=\"200\",surface=\"chat\"} 1",
            "faregate_requests_seconds_count{status=\"402\",surface=\"chat\"} 1",
            "faregate_requests_seconds_count{status=\"404\",surface=\"models\"} 1",
            "faregate_requests_seconds_count{status=\"200\",surface=\"api\"} 1",
            "faregate_requests_seconds_count{status=\"404\",surface=\"none\"} 1",
            "faregate_requests_seconds_count{status=\"200\",surface=\"operator\"} 1",
            "faregate_calls_estimated_total{model=\"a/b\",provider=\"sandbox\"} 1.0",
            "faregate_tokens_input_total{model=\"a/b\",provider=\"sandbox\"} 7.0",
            "faregate_tokens_output_total{model=\"a/b\",provider=\"sandbox\"} 5.0",
            "faregate_cost_nano_usd_total{model=\"a/b\",provider=\"sandbox\"} 42.0",
            "faregate_upstream_first_byte_seconds_count{model=\"a/b\",provider=\"sandbox\"} 1",
            "faregate_upstream_failures_total{kind=\"busy\",model=\"a/b\",provider=\"sandbox\"}"
                + " 1.0",
            "faregate_streams_open 1.0",
            "faregate_ledger_batch_commands_sum 3.0",
            "faregate_ledger_rows_total 9.0",
            "jvm_threads_live_threads");
  }

  /// The registry holds what it measures weakly.
  @Test
  void theLedgerIsStillSeenAfterACollection() {
    LedgerState state = new LedgerState(1, 2, 3, 4, 5, 6, "");
    metrics.watch(() -> state);
    System.gc();
    assertThat(metrics.scrape())
        .contains(
            "faregate_ledger_queue 1.0",
            "faregate_ledger_line 2.0",
            "faregate_holds_open 3.0",
            "faregate_ledger_writable 1.0");
  }

  @Test
  void theNodeIsSeenAmongTheOthers() {
    metrics.watchNode(() -> new Standing(3, 250, new TreeSet<>(Set.of(1, 3)), 2, "async", ""));
    assertThat(metrics.scrape())
        .contains(
            "faregate_node_number 3.0",
            "faregate_node_beat_age 250.0",
            "faregate_nodes 2.0",
            "faregate_node_recoveries 2.0");
  }

  @Test
  void labelsAreBounded() {
    for (int i = 0; i < 1_500; i++) {
      OfferId offer = new OfferId("discovered", "model-" + i);
      metrics.served(offer, 1);
      metrics.failed(offer, "busy");
    }
    assertThat(metrics.scrape().lines().filter(line -> line.contains("first_byte_seconds_count")))
        .hasSizeLessThan(1_010)
        .anyMatch(line -> line.contains("provider=\"other\""));
    assertThat(metrics.scrape().lines().filter(line -> line.contains("failures_total{")))
        .hasSizeLessThan(1_010);
  }
}
