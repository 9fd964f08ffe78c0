package faregate.sandbox;

import faregate.http.Routes;
import faregate.http.Server;
import faregate.http.ServerSettings;
import faregate.http.Visit;
import faregate.id.CallId;
import faregate.kit.Clock;
import faregate.kit.Json;
import faregate.kit.RandomSource;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A running sandbox on 127.0.0.1. Its base URL for a client is `http://127.0.0.1:{port}/v1`.
public final class Sandbox {
  private final Server server;
  private final Bill bill;

  private Sandbox(Server server, Bill bill) {
    this.server = server;
    this.bill = bill;
  }

  /// @return when it listens; its tokenizer goes on loading meanwhile
  public static Future<Sandbox> start(Vertx vertx, SandboxSettings settings) {
    Bill bill = new Bill(Clock.system());
    Chat chat = new Chat(vertx, settings, Clock.system(), bill);
    var _ = vertx.executeBlocking(chat::warmUp, false);
    Routes routes =
        new Routes()
            .post("/v1/chat/completions", chat::handle)
            .get("/v1/models", visit -> models(visit, settings.models()));
    new BillRoutes(bill, Clock.system()).addTo(routes);
    RandomSource random = RandomSource.secure();
    ServerSettings server =
        ServerSettings.on("127.0.0.1", settings.port()).withLoops(settings.loops());
    return Server.start(vertx, server, routes, () -> new CallId(random.nextLong() >>> 1 | 1))
        .map(started -> new Sandbox(started, bill));
  }

  public int port() {
    return server.port();
  }

  /// Such as `http://127.0.0.1:4321/v1`.
  public String baseUrl() {
    return "http://127.0.0.1:" + port() + "/v1";
  }

  public Bill bill() {
    return bill;
  }

  /// Stops listening and breaks off what is under way.
  public Future<Void> close() {
    return server.drain(Duration.ZERO);
  }

  private static void models(Visit visit, List<SandboxModel> models) {
    List<Map<String, Object>> data = models.stream().map(Sandbox::shown).toList();
    visit.answerJson(200, Json.MAPPER.writeValueAsBytes(Map.of("object", "list", "data", data)));
  }

  private static Map<String, Object> shown(SandboxModel model) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("id", model.id());
    fields.put("object", "model");
    fields.put("created", 1_790_000_000);
    fields.put("owned_by", "faregate");
    fields.put("context_length", model.contextTokens());
    fields.put(
        "pricing",
        Map.of("input", perMillion(model.inputNanos()), "output", perMillion(model.outputNanos())));
    return fields;
  }

  /// Nano-USD for one token as USD for a million.
  private static BigDecimal perMillion(long nanos) {
    return BigDecimal.valueOf(nanos, 3).stripTrailingZeros();
  }
}
