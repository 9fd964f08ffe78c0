package faregate.operator;

import faregate.http.Answer;
import faregate.http.Problem;
import faregate.http.Routes;
import faregate.http.Visit;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.SocketAddress;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// The operator's way in over HTTP: health, metrics, and one route for all operations.
///
/// Operations are for this machine only: the peer must be on loopback and know the secret that lies
/// in the data folder. To everyone else the route does not exist.
public final class OperatorRoutes {
  private final Readiness readiness;
  private final Metrics metrics;
  private final Operations operations;
  private final Credential credential;

  /// @param credential its URL is not looked at
  public OperatorRoutes(
      Readiness readiness, Metrics metrics, Operations operations, Credential credential) {
    this.readiness = readiness;
    this.metrics = metrics;
    this.operations = operations;
    this.credential = credential;
  }

  public void addTo(Routes routes) {
    routes
        .get("/healthz", visit -> visit.answer(Answer.json(200, Map.of("status", "ok"))))
        .get("/readyz", visit -> visit.answer(ready()))
        .getBlocking("/metrics", (_, _) -> scraped())
        .postHidden("/operator/v1/{command}", this::isOperator, this::operate);
  }

  /// 500 and not 503 when it is not ready: one answer for "not now" in the whole house.
  private Answer ready() {
    Map<String, String> conditions = readiness.conditions();
    boolean ready = Readiness.isReady(conditions);
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("ready", ready);
    body.putAll(conditions);
    body.put("node_number", readiness.standing().node());
    body.put("replication", readiness.standing().replication());
    return Answer.json(ready ? 200 : 500, body);
  }

  private Answer scraped() {
    return new Answer(200, Metrics.CONTENT_TYPE, Buffer.buffer(metrics.scrape()), Map.of());
  }

  private boolean isOperator(Visit visit) {
    String presented = visit.bearer();
    return presented != null && isLocal(visit) && credential.matches(presented);
  }

  private Answer operate(Visit visit, Buffer body) {
    try {
      JsonNode arguments = Wire.read(body.length() == 0 ? new byte[] {'{', '}'} : body.getBytes());
      return Answer.json(200, operations.run(visit.parameter("command"), arguments));
    } catch (IOException e) {
      throw Problem.badRequest("bad_json", String.valueOf(e.getMessage())).asException();
    } catch (Refusal refusal) {
      int status =
          switch (refusal.kind()) {
            case BAD_INPUT -> 400;
            case NOT_POSSIBLE -> 409;
          };
      throw Problem.of(status, "refused", String.valueOf(refusal.getMessage())).asException();
    }
  }

  /// On loopback, or from the very address that it speaks to: this machine either way.
  private static boolean isLocal(Visit visit) {
    String peer = address(visit.request().remoteAddress());
    return peer.startsWith("127.")
        || peer.equals("::1")
        || peer.equals("0:0:0:0:0:0:0:1")
        || (!peer.isEmpty() && peer.equals(address(visit.request().localAddress())));
  }

  private static String address(@Nullable SocketAddress socket) {
    return socket == null ? "" : Objects.requireNonNullElse(socket.hostAddress(), "");
  }
}
