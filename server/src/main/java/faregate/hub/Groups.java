package faregate.hub;

import faregate.http.Answer;
import faregate.http.Problem;
import faregate.http.Visit;
import faregate.identity.Group;
import faregate.identity.Limit;
import faregate.identity.Organizations;
import faregate.identity.Outcome;
import faregate.identity.Payer;
import faregate.kit.Json;
import faregate.money.Nanos;
import io.vertx.core.buffer.Buffer;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// An organization's resource groups, as its admins set them.
final class Groups {
  private static final int NANOS_A_CENT = 10_000_000;
  private static final BigDecimal CENTS_MAX = BigDecimal.valueOf(Long.MAX_VALUE / NANOS_A_CENT);

  private final HubRooms rooms;

  Groups(HubRooms rooms) {
    this.rooms = rooms;
  }

  private record Shown(String id, String name, SpendLimits spendLimits) {}

  /// @param inferenceProviders cents a month; null for no limit
  private record SpendLimits(@Nullable BigDecimal inferenceProviders) {}

  /// Limits what may be spent in a group's name in a month. There is one product here, so of
  /// `total` and `inferenceProviders` the stricter one is kept; what is asked of other products is
  /// ignored.
  ///
  /// @param body `{"spendLimits": {"total": cents or null, "inferenceProviders": cents or null}}`
  Answer patch(Visit visit, Payer organization, Buffer body) {
    Organizations organizations = rooms.identities().organizations();
    Group group = group(organizations, organization, visit.parameter("id"));
    Nanos limit = limit(body);
    Outcome<Payer> outcome =
        organizations.limit(organization.name(), Limit.Scope.GROUP, group.hubId(), limit);
    return switch (outcome) {
      case Outcome.Done<Payer> _ ->
          HubJson.answer(
              new Shown(
                  group.hubId(),
                  group.name(),
                  new SpendLimits(limit == null ? null : Cents.of(limit))));
      case Outcome.Refused<Payer>(String message) -> throw bad(message);
      case Outcome.Malformed<Payer>(String message) -> throw bad(message);
    };
  }

  private static Group group(Organizations organizations, Payer organization, String id) {
    return organizations.groups(organization).stream()
        .filter(group -> group.hubId().equalsIgnoreCase(id))
        .findFirst()
        .orElseThrow(
            () ->
                Problem.of(
                        404,
                        "not_found",
                        "%s has no resource group with the id %s; whoami-v2 tells the ids of yours"
                            .formatted(organization.name(), id))
                    .withField("code", "not_found")
                    .asException());
  }

  /// @return null for no limit
  private static @Nullable Nanos limit(Buffer body) {
    JsonNode limits = json(body).path("spendLimits");
    List<Nanos> named = new ArrayList<>();
    boolean any = false;
    for (String product : List.of("total", "inferenceProviders")) {
      JsonNode cents = limits.path(product);
      any |= !cents.isMissingNode();
      if (!cents.isMissingNode() && !cents.isNull()) {
        named.add(nanos(product, cents));
      }
    }
    if (!any) {
      throw bad("The body must name spendLimits.total or spendLimits.inferenceProviders");
    }
    return named.stream().min(Nanos::compareTo).orElse(null);
  }

  private static Nanos nanos(String product, JsonNode cents) {
    // Without a value where it is no number, or one beyond all bounds, such as 1e400.
    BigDecimal value = cents.decimalValueOpt().orElse(BigDecimal.ONE.negate());
    if (value.signum() < 0 || value.compareTo(CENTS_MAX) > 0) {
      throw bad("spendLimits." + product + " is a number of cents, 0 or more, or null");
    }
    return Nanos.of(value.multiply(BigDecimal.valueOf(NANOS_A_CENT)).longValue());
  }

  private static JsonNode json(Buffer body) {
    try {
      return Objects.requireNonNull(Json.MAPPER.readTree(body.getBytes()));
    } catch (JacksonException _) {
      throw bad("The body must be a JSON object: {\"spendLimits\": {\"inferenceProviders\": 500}}");
    }
  }

  private static RuntimeException bad(String sentence) {
    return Problem.badRequest("invalid_request", sentence)
        .withField("code", "invalid_request")
        .asException();
  }
}
