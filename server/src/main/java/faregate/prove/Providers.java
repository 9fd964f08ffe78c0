package faregate.prove;

import faregate.sandbox.BillEntry;
import faregate.sandbox.Sandbox;
import faregate.sandbox.SandboxModel;
import faregate.sandbox.SandboxSettings;
import io.vertx.core.Vertx;
import java.util.List;

/// The providers: servers of the proof's own process, so that their books outlive every gateway.
///
/// Two serve one model, so that a call can go on to the other, and stop billing when their client
/// leaves. A third serves another model and bills an answer to its end, whoever listens.
final class Providers implements AutoCloseable {
  static final String STOPPING = "proof/stopping";
  private static final String BILLING = "proof/billing";
  private static final SandboxModel MODEL =
      new SandboxModel("m", 40, 0, 4, 65_536, 16_384, 1_000, 10_000);

  /// What an output token costs, in nano-USD.
  static final long OUTPUT_NANOS = MODEL.outputNanos();

  /// The longest answer.
  static final int OUTPUT_TOKENS_MAX = MODEL.outputTokensMax();

  private final Sandbox first;
  private final Sandbox second;
  private final Sandbox third;

  private Providers(Sandbox first, Sandbox second, Sandbox third) {
    this.first = first;
    this.second = second;
    this.third = third;
  }

  static Providers start(Vertx vertx) {
    SandboxSettings stopping = SandboxSettings.standIn().withModels(List.of(MODEL));
    return new Providers(
        Sandbox.start(vertx, stopping).await(),
        Sandbox.start(vertx, stopping).await(),
        Sandbox.start(vertx, stopping.withBillOnCancel(true)).await());
  }

  static String model(Dice dice) {
    return dice.below(3) == 0 ? BILLING : STOPPING;
  }

  /// The section of a gateway's configuration.
  String configuration() {
    return "providers:\n"
        + section("first", first, STOPPING, false)
        + section("second", second, STOPPING, false)
        + section("third", third, BILLING, true);
  }

  private static String section(
      String name, Sandbox provider, String model, boolean billsOnCancel) {
    return """
      %s:
        base_url: %s
        bills_on_cancel: %s
        models:
          - id: %s
            input_usd_per_mtok: 1
            output_usd_per_mtok: 10
            context_tokens: 65536
            max_output_tokens: %d
    """
        .formatted(name, provider.baseUrl(), billsOnCancel, model, OUTPUT_TOKENS_MAX)
        .indent(0);
  }

  /// Whether a call is under way at any of them.
  boolean isBusy() {
    return all().stream()
        .flatMap(each -> each.bill().all().stream())
        .anyMatch(entry -> entry.state() == BillEntry.State.RUNNING);
  }

  /// Their books.
  List<BillLine> bills() {
    return all().stream().flatMap(each -> each.bill().all().stream()).map(Providers::line).toList();
  }

  private static BillLine line(BillEntry entry) {
    return new BillLine(
        entry.order().requestId(),
        entry.order().user(),
        entry.beganNanos(),
        entry.endedNanos(),
        entry.costNanoUsd(),
        entry.ceilingNanoUsd());
  }

  private List<Sandbox> all() {
    return List.of(first, second, third);
  }

  @Override
  public void close() {
    all().forEach(each -> each.close().await());
  }
}
