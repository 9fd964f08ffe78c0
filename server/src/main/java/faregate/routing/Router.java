package faregate.routing;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import faregate.catalog.Offer;
import faregate.catalog.Snapshot;
import faregate.health.Health;
import faregate.id.OfferId;
import faregate.kit.Clock;
import faregate.kit.RandomSource;
import faregate.routing.Routed.Route;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Decides where a request goes.
///
/// It narrows the offers of a model step by step, and the step that leaves none names the reason:
/// known, at the provider that was named, able, live, priced, not cooling. What is left is put in
/// the order of the policy; offers whose ability is unknown come after those that are known to be
/// able, since an unknown offer may do well but a known one will. A conversation's own offer comes
/// first while it is among them.
///
/// Offers with an open breaker are left out, save for one whose trial is due. That one comes before
/// all others, whatever the policy says, for behind them it would hardly ever be asked and its
/// breaker never close; no conversation moves by it. If all are open, none is left out: nothing
/// better is known, and a refusal would help nobody. A provider that the client named is asked
/// whatever its breaker says.
///
/// Thread-safe; nothing blocks.
public final class Router {
  /// How many offers one request is tried at.
  public static final int ATTEMPTS_MAX = 3;

  /// The most characters that all remembered conversations have together, each with an allowance
  /// for what holds it: clients choose how long their session ids are.
  private static final long CONVERSATIONS_MAX = 16 << 20;

  private static final int CONVERSATION_ALLOWANCE = 100;
  private static final Duration SESSION_IDLE_MAX = Duration.ofHours(1);

  private final Health health;
  private final Map<String, Policy> policies;
  private final Cache<Conversation, OfferId> conversations;

  private record Conversation(String session, String model) {}

  public Router(Health health, Clock clock, RandomSource random) {
    this.health = health;
    Policy fastest = Policy.fastest(health, random);
    this.policies =
        Map.of(
            "fastest", fastest,
            "cheapest", Policy.cheapest(health),
            "preferred", Policy.preferred(fastest));
    this.conversations =
        Caffeine.newBuilder()
            .maximumWeight(CONVERSATIONS_MAX)
            .weigher(
                (Conversation key, OfferId _) -> key.session().length() + CONVERSATION_ALLOWANCE)
            .expireAfterAccess(SESSION_IDLE_MAX)
            .ticker(clock::nanoTime)
            .executor(Runnable::run)
            .build();
  }

  /// @param snapshot the catalogue that the request keeps to its end
  public Routed route(Ask ask, Snapshot snapshot) {
    ModelName name = ModelName.parse(ask.model(), snapshot);
    Selection selection = new Selection(ask, name, snapshot, health);
    Refusal refusal = selection.narrow(policies.keySet());
    if (refusal != null) {
      return refusal;
    }
    String said = name.suffix();
    Policy policy = policies.get(said == null ? snapshot.defaultPolicy().suffix() : said);
    if (policy == null) {
      return new Route(name.model(), selection.offers(), true, null);
    }
    List<Offer> order = new ArrayList<>(policy.order(selection.knownAble(), ask));
    order.addAll(policy.order(selection.perhapsAble(), ask));
    putOwnFirst(order, ask.session(), name.model());
    Offer trial = selection.trial();
    if (trial != null) {
      order.remove(trial);
      order.addFirst(trial);
    }
    List<Offer> attempts = order.subList(0, Math.min(order.size(), ATTEMPTS_MAX));
    return new Route(name.model(), attempts, false, trial == null ? ask.session() : null);
  }

  /// To be told when an offer of the route began to answer: the conversation stays with it.
  public void served(Route route, Offer offer) {
    if (route.session() != null && !route.pinned()) {
      conversations.put(new Conversation(route.session(), route.model()), offer.id());
    }
  }

  private void putOwnFirst(List<Offer> order, @Nullable String session, String model) {
    if (session == null) {
      return;
    }
    OfferId own = conversations.getIfPresent(new Conversation(session, model));
    for (int at = 1; own != null && at < order.size(); at++) {
      if (order.get(at).id().equals(own)) {
        order.addFirst(order.remove(at));
        return;
      }
    }
  }
}
