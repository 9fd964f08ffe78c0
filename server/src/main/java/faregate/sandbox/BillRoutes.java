package faregate.sandbox;

import faregate.http.Answer;
import faregate.http.Problem;
import faregate.http.Routes;
import faregate.http.Visit;
import faregate.kit.Clock;
import faregate.kit.Json;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// The book over HTTP: for people, and as the billing endpoint that a partner provides.
final class BillRoutes {
  private final Bill bill;
  private final Clock clock;

  BillRoutes(Bill bill, Clock clock) {
    this.bill = bill;
    this.clock = clock;
  }

  void addTo(Routes routes) {
    routes
        .getBlocking("/sandbox/bill", (_, _) -> all())
        .getBlocking("/sandbox/bill/{id}", (visit, _) -> one(visit))
        .postBlocking("/sandbox/billing", (_, body) -> costs(body));
  }

  private Answer all() {
    List<Map<String, Object>> calls = bill.all().stream().map(BillRoutes::shown).toList();
    return Answer.json(200, Map.of("calls", calls, "costNanoUsd", bill.costNanoUsd()));
  }

  private Answer one(Visit visit) {
    BillEntry entry = bill.find(visit.parameter("id"));
    if (entry == null) {
      throw Problem.of(404, "not_found", "The sandbox knows no call with this id").asException();
    }
    return Answer.json(200, shown(entry));
  }

  private static Map<String, Object> shown(BillEntry entry) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("id", entry.id());
    fields.put("model", entry.model());
    fields.put("state", entry.state().name().toLowerCase(java.util.Locale.ROOT));
    fields.put("promptTokens", entry.promptTokens());
    fields.put("cachedTokens", entry.cachedTokens());
    fields.put("generatedTokens", entry.generatedTokens());
    fields.put("billedPromptTokens", entry.billedPromptTokens());
    fields.put("billedCompletionTokens", entry.billedCompletionTokens());
    fields.put("costNanoUsd", entry.costNanoUsd());
    return fields;
  }

  /// What is still under way or unknown is left out; where that is all of it, the list is null.
  private Answer costs(Buffer body) {
    List<Map<String, Object>> known = new ArrayList<>();
    for (JsonNode id : ids(body)) {
      BillEntry entry = bill.find(id.asString(""));
      Object cost = entry == null ? null : entry.told(clock.nanoTime());
      if (entry != null && cost != null) {
        known.add(Map.of("requestId", entry.id(), "costNanoUsd", cost));
      }
    }
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("requests", known.isEmpty() ? null : known);
    return Answer.json(200, answer);
  }

  private static JsonNode ids(Buffer body) {
    try {
      JsonNode ids = Json.MAPPER.readTree(body.getBytes()).path("requestIds");
      if (ids.isArray()) {
        return ids;
      }
    } catch (JacksonException _) {
      // Told below.
    }
    throw Problem.badRequest("invalid_body", "The body must be {\"requestIds\":[…]}").asException();
  }
}
