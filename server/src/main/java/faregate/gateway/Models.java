package faregate.gateway;

import faregate.catalog.Catalog;
import faregate.catalog.Snapshot;
import faregate.health.Health;
import faregate.http.Problem;
import faregate.http.Routes;
import faregate.http.Visit;
import faregate.kit.Clock;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// `GET /v1/models` and `GET /v1/models/{model}`: what is offered, by whom, at what price, and how
/// it does. Open to anyone, as these lists are.
public final class Models {
  /// How long a list is shown again. A new snapshot shows at once; what `health` measured may be
  /// this old.
  static final Duration LIST_LIFE = Duration.ofSeconds(2);

  private final Catalog catalog;
  private final Clock clock;
  private final ModelsJson json;
  private volatile @Nullable Lists lists;

  /// Both lists of one snapshot, rendered when first asked for.
  private record Lists(Snapshot snapshot, long untilNanos, byte[] all, byte[] live) {}

  public Models(Catalog catalog, Health health, Clock clock) {
    this.catalog = catalog;
    this.clock = clock;
    this.json = new ModelsJson(health);
  }

  public void addTo(Routes routes) {
    routes.get("/v1/models", this::list);
    routes.get("/v1/models/{model...}", this::one);
  }

  private void list(Visit visit) {
    Lists current = current();
    boolean liveOnly = "true".equals(visit.query("live"));
    visit.answerJson(200, liveOnly ? current.live() : current.all());
  }

  private void one(Visit visit) {
    String model = visit.parameter("model");
    byte[] known = json.one(model, catalog.current().offers(model));
    if (known == null) {
      visit.fail(
          Problem.of(
                  404,
                  "model_not_found",
                  "The model '"
                      + model
                      + "' does not exist here. GET /v1/models lists the models there are.")
              .withType("invalid_request_error")
              .withParam("model"));
    } else {
      visit.answerJson(200, known);
    }
  }

  /// Two event loops may render at once; the lists are the same then, and either may stay.
  private Lists current() {
    Lists kept = lists;
    Snapshot snapshot = catalog.current();
    long now = clock.nanoTime();
    if (kept != null && kept.snapshot() == snapshot && now - kept.untilNanos() < 0) {
      return kept;
    }
    Lists fresh =
        new Lists(
            snapshot,
            now + LIST_LIFE.toNanos(),
            json.list(snapshot.models(), false),
            json.list(snapshot.models(), true));
    lists = fresh;
    return fresh;
  }
}
