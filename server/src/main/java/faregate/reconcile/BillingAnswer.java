package faregate.reconcile;

import faregate.kit.Json;
import faregate.money.Nanos;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;

/// Reads `{"requests":[{"requestId":"…","costNanoUsd":N},…]}`.
///
/// A fraction is rounded up. What is negative or no number is left out, so that it is asked about
/// again; so is what was not asked about. The list is null where nothing of it is known yet.
final class BillingAnswer {
  /// Beyond this a number is not written out: that could take for ever.
  private static final int SCALE_MAX = 400;

  /// A million USD: no call costs as much.
  private static final BigDecimal ABSURD = new BigDecimal(1_000_000_000_000_000L);

  private BillingAnswer() {}

  /// @param asked the provider's ids of the calls
  /// @throws IllegalArgumentException when it is no such answer
  static Map<String, Nanos> read(byte[] body, Set<String> asked) {
    JsonNode requests = requests(body);
    Map<String, Nanos> bills = new LinkedHashMap<>();
    for (JsonNode each : requests) {
      String id = each.path("requestId").asString("");
      if (asked.contains(id)) {
        cost(each.path("costNanoUsd")).ifPresent(cost -> bills.put(id, cost));
      }
    }
    return bills;
  }

  private static JsonNode requests(byte[] body) {
    JsonNode requests;
    try {
      requests =
          Json.MAPPER
              .reader()
              .with(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
              .readTree(body)
              .path("requests");
    } catch (JacksonException e) {
      throw new IllegalArgumentException("its answer is no JSON", e);
    }
    if (!requests.isArray() && !requests.isNull()) {
      throw new IllegalArgumentException("its answer has no list 'requests'");
    }
    return requests;
  }

  private static Optional<Nanos> cost(JsonNode cost) {
    if (!cost.isNumber()) {
      return Optional.empty();
    }
    BigDecimal exact = cost.decimalValue();
    boolean absurd =
        exact.signum() < 0
            || exact.compareTo(ABSURD) > 0
            || Math.abs((long) exact.scale()) > SCALE_MAX;
    return absurd
        ? Optional.empty()
        : Optional.of(Nanos.of(exact.setScale(0, RoundingMode.CEILING).longValueExact()));
  }
}
