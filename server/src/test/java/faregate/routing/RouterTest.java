package faregate.routing;

import static faregate.routing.Offers.MODEL;
import static faregate.routing.Offers.ask;
import static faregate.routing.Offers.live;
import static faregate.routing.Offers.offer;
import static faregate.routing.Offers.slugs;
import static faregate.routing.Offers.snapshot;
import static org.assertj.core.api.Assertions.assertThat;

import faregate.catalog.Offer;
import faregate.catalog.Offer.State;
import faregate.catalog.Snapshot;
import faregate.health.HandClock;
import faregate.health.Health;
import faregate.routing.Routed.Route;
import faregate.tariff.Tariff;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RouterTest {
  private static final Tariff TARIFF = Tariff.tokens(1, 1, "1");

  private final HandClock clock = new HandClock();
  private final Health health = new Health(clock);
  private long draw = 1;
  private final Router router = new Router(health, clock, () -> draw << 1);

  @Test
  void fastestIsTheDefaultAndGoesByMeasuredThroughput() {
    Snapshot snapshot = snapshot(live("slow", 1), live("fast", 9), live("middle", 5));
    measure("slow", 20);
    measure("fast", 300);
    measure("middle", 100);
    assertThat(slugs(router.route(ask(MODEL), snapshot))).containsExactly("fast", "middle", "slow");
    assertThat(slugs(router.route(ask(MODEL + ":FASTEST"), snapshot)))
        .containsExactly("fast", "middle", "slow");
  }

  @Test
  void unmeasuredOffersStandBetweenFastAndSlowOnesAndGoByPrice() {
    Snapshot snapshot =
        snapshot(live("slow", 1), live("dear", 9), live("cheap", 2), live("fast", 7));
    measure("slow", 20);
    measure("fast", 300);
    assertThat(slugs(router.route(ask(MODEL), snapshot))).containsExactly("fast", "cheap", "dear");
  }

  @Test
  void oneCallInTwentyExploresWhatIsNotMeasured() {
    Snapshot snapshot = snapshot(live("fast", 1), live("unknown", 1));
    measure("fast", 300);
    int explored = 0;
    for (draw = 0; draw < 2_000; draw++) {
      explored += slugs(router.route(ask(MODEL), snapshot)).getFirst().equals("unknown") ? 1 : 0;
    }
    assertThat(explored).isEqualTo(100);
    measure("unknown", 5);
    for (draw = 0; draw < 100; draw++) {
      assertThat(slugs(router.route(ask(MODEL), snapshot))).containsExactly("fast", "unknown");
    }
    clock.pass(Duration.ofMinutes(11));
    measure("fast", 300);
    draw = 0;
    assertThat(slugs(router.route(ask(MODEL), snapshot))).containsExactly("unknown", "fast");
  }

  @Test
  void cheapestGoesByOutputThenInput() {
    Snapshot snapshot =
        snapshot(
            offer(MODEL, "a", Tariff.tokens(9, 5, "1"), State.LIVE),
            offer(MODEL, "b", Tariff.tokens(1, 6, "1"), State.LIVE),
            offer(MODEL, "c", Tariff.tokens(8, 5, "1"), State.LIVE));
    measure("b", 1_000);
    assertThat(slugs(router.route(ask(MODEL + ":cheapest"), snapshot)))
        .containsExactly("c", "a", "b");
  }

  @Test
  void preferredGoesByTheCallersOrderAndThenBySpeed() {
    Snapshot snapshot = snapshot(live("a", 1), live("b", 1), live("c", 1));
    measure("a", 10);
    measure("b", 100);
    measure("c", 20);
    Ask ask =
        new Ask(MODEL + ":preferred", Ask.CHAT, Set.of(), null, List.of("c", "zzz"), Set.of());
    assertThat(slugs(router.route(ask, snapshot))).containsExactly("c", "b", "a");
  }

  @Test
  void aNamedProviderIsTheOnlyAttempt() {
    Snapshot snapshot = snapshot(live("a", 1), live("b", 1));
    Route route = (Route) router.route(ask(MODEL + ":b"), snapshot);
    assertThat(slugs(route)).containsExactly("b");
    assertThat(route.pinned()).isTrue();
    assertThat(route.model()).isEqualTo(MODEL);
  }

  @Test
  void anIdWithAColonIsTriedWhole() {
    Snapshot snapshot =
        snapshot(offer("ollama/llama3.2:3b", "ollama", TARIFF, State.LIVE), live("b", 1));
    assertThat(slugs(router.route(ask("ollama/llama3.2:3b"), snapshot))).containsExactly("ollama");
    assertThat(slugs(router.route(ask("ollama/llama3.2:3b:cheapest"), snapshot)))
        .containsExactly("ollama");
    assertThat(slugs(router.route(ask("ollama/llama3.2:3b:ollama"), snapshot)))
        .containsExactly("ollama");
  }

  @Test
  void noMoreThanThreeAttempts() {
    Snapshot snapshot = snapshot(live("a", 1), live("b", 1), live("c", 1), live("d", 1));
    assertThat(slugs(router.route(ask(MODEL), snapshot))).containsExactly("a", "b", "c");
  }

  @Test
  void whatIsNotKnownToBeAbleComesAfterWhatIs() {
    Snapshot snapshot =
        snapshot(
            offer(MODEL, "unknown", TARIFF, State.LIVE, null, null, Set.of("text")),
            offer(MODEL, "unable", TARIFF, State.LIVE, false, true, Set.of("text")),
            offer(MODEL, "able", TARIFF, State.LIVE, true, null, Set.of("text")));
    measure("unknown", 900);
    measure("unable", 800);
    assertThat(slugs(router.route(ask(MODEL, Ability.TOOLS), snapshot)))
        .containsExactly("able", "unknown");
  }

  @Test
  void imagesGoWhereTheyAreTakenOrMayBe() {
    Snapshot snapshot =
        snapshot(
            live("blind", 1),
            offer(MODEL, "unknown", TARIFF, State.LIVE, null, null, Set.of()),
            offer(MODEL, "seeing", TARIFF, State.LIVE, null, null, Set.of("text", "image")));
    assertThat(slugs(router.route(ask(MODEL, Ability.IMAGES), snapshot)))
        .containsExactly("seeing", "unknown");
  }

  @Test
  void whatIsNotLiveOrNotPricedIsLeftOut() {
    Snapshot snapshot =
        snapshot(
            offer(MODEL, "keyless", TARIFF, State.NO_KEY),
            offer(MODEL, "gone", TARIFF, State.DEPRECATED),
            offer(MODEL, "off", TARIFF, State.DISABLED),
            offer(MODEL, "unpriced", null, State.LIVE),
            live("good", 1));
    assertThat(slugs(router.route(ask(MODEL), snapshot))).containsExactly("good");
  }

  @Test
  void whatTheCallerDisabledIsLeftOut() {
    Snapshot snapshot = snapshot(live("a", 1), live("b", 1));
    Ask ask = new Ask(MODEL, Ask.CHAT, Set.of(), null, List.of(), Set.of("a"));
    assertThat(slugs(router.route(ask, snapshot))).containsExactly("b");
  }

  @Test
  void whatCoolsIsLeftOutUntilItsTime() {
    Snapshot snapshot = snapshot(live("a", 1), live("b", 1));
    health.cool(id("a"), Duration.ofSeconds(20));
    assertThat(slugs(router.route(ask(MODEL), snapshot))).containsExactly("b");
    clock.pass(Duration.ofSeconds(20));
    assertThat(slugs(router.route(ask(MODEL), snapshot))).containsExactly("a", "b");
  }

  @Test
  void anOpenBreakerIsLeftOutSaveForItsTrial() {
    Snapshot snapshot = snapshot(live("a", 1), live("b", 1));
    breakOpen("a");
    assertThat(slugs(router.route(ask(MODEL), snapshot))).containsExactly("b");
    clock.pass(Duration.ofSeconds(5));
    assertThat(slugs(router.route(ask(MODEL), snapshot))).containsExactly("a", "b");
    assertThat(slugs(router.route(ask(MODEL), snapshot))).containsExactly("b");
  }

  /// Behind the others it would be claimed each time and never made.
  @Test
  void aTrialIsMadeFirstWhateverTheOrder() {
    Snapshot snapshot = snapshot(live("dear", 9), live("cheap", 1), live("middle", 5));
    measure("cheap", 300);
    measure("dear", 20);
    for (String suffix : List.of("", ":fastest", ":cheapest", ":preferred")) {
      breakOpen("dear");
      clock.pass(Duration.ofMinutes(5));
      assertThat(slugs(router.route(ask(MODEL + suffix), snapshot)))
          .as(suffix)
          .containsExactly("dear", "cheap", "middle");
      assertThat(slugs(router.route(ask(MODEL + suffix), snapshot)))
          .as(suffix)
          .containsExactly("cheap", "middle");
      measure("dear", 20);
    }
  }

  @Test
  void aTrialMovesNoConversation() {
    Snapshot snapshot = snapshot(live("dear", 9), live("cheap", 1), live("middle", 5));
    String cheapest = MODEL + ":cheapest";
    Route first = inSession("s", cheapest, snapshot);
    router.served(first, first.attempts().get(1));
    breakOpen("dear");
    clock.pass(Duration.ofSeconds(5));
    Route trial = inSession("s", cheapest, snapshot);
    assertThat(slugs(trial)).containsExactly("dear", "middle", "cheap");
    router.served(trial, trial.attempts().getFirst());
    measure("dear", 20);
    assertThat(slugs(inSession("s", cheapest, snapshot)))
        .containsExactly("middle", "cheap", "dear");
  }

  @Test
  void whereAllBreakersAreOpenNoneIsLeftOut() {
    Snapshot snapshot = snapshot(live("a", 1), live("b", 1));
    breakOpen("a");
    breakOpen("b");
    assertThat(slugs(router.route(ask(MODEL), snapshot))).containsExactly("a", "b");
  }

  @Test
  void aNamedProviderIsAskedWhateverItsBreakerSays() {
    Snapshot snapshot = snapshot(live("a", 1), live("b", 1));
    breakOpen("a");
    assertThat(slugs(router.route(ask(MODEL + ":a"), snapshot))).containsExactly("a");
  }

  @Test
  void aConversationStaysWithTheOfferThatServedIt() {
    Snapshot snapshot = snapshot(live("a", 1), live("b", 1));
    measure("a", 300);
    measure("b", 20);
    Route first = inSession("s", MODEL, snapshot);
    assertThat(slugs(first)).containsExactly("a", "b");
    router.served(first, first.attempts().get(1));
    assertThat(slugs(inSession("s", MODEL, snapshot))).containsExactly("b", "a");
    assertThat(slugs(inSession("s", MODEL + ":cheapest", snapshot))).containsExactly("b", "a");
    assertThat(slugs(inSession("another", MODEL, snapshot))).containsExactly("a", "b");
    assertThat(slugs(inSession(null, MODEL, snapshot))).containsExactly("a", "b");
  }

  @Test
  void aConversationMovesOnWhenItsOfferIsUnwell() {
    Snapshot snapshot = snapshot(live("a", 1), live("b", 1));
    measure("a", 300);
    Route first = inSession("s", MODEL, snapshot);
    router.served(first, first.attempts().get(1));
    breakOpen("b");
    assertThat(slugs(inSession("s", MODEL, snapshot))).containsExactly("a");
    health.succeeded(id("b"), 1, 1);
    assertThat(slugs(inSession("s", MODEL, snapshot))).containsExactly("b", "a");
    health.cool(id("b"), Duration.ofSeconds(9));
    assertThat(slugs(inSession("s", MODEL, snapshot))).containsExactly("a");
  }

  @Test
  void endlessSessionIdsDoNotFillTheMemory() {
    Snapshot snapshot = snapshot(live("a", 1), live("b", 1));
    measure("a", 300);
    String longId = "x".repeat(4 << 20);
    for (int i = 0; i < 8; i++) {
      Route route = inSession(i + longId, MODEL, snapshot);
      router.served(route, route.attempts().get(1));
    }
    int kept = 0;
    for (int i = 0; i < 8; i++) {
      kept += slugs(inSession(i + longId, MODEL, snapshot)).getFirst().equals("b") ? 1 : 0;
    }
    assertThat(kept).isBetween(1, 3);
  }

  @Test
  void aConversationIsForgottenAfterAnHour() {
    Snapshot snapshot = snapshot(live("a", 1), live("b", 1));
    measure("a", 300);
    Route first = inSession("s", MODEL, snapshot);
    router.served(first, first.attempts().get(1));
    clock.pass(Duration.ofMinutes(61));
    assertThat(slugs(inSession("s", MODEL, snapshot)).getFirst()).isEqualTo("a");
  }

  private Route inSession(@Nullable String session, String model, Snapshot snapshot) {
    return (Route) router.route(Ask.chat(model, Set.of(), session), snapshot);
  }

  private void measure(String provider, double tokensPerSecond) {
    health.succeeded(id(provider), 100, tokensPerSecond);
  }

  private void breakOpen(String provider) {
    for (int i = 0; i < 5; i++) {
      health.failed(id(provider));
    }
  }

  private static faregate.id.OfferId id(String provider) {
    Offer offer = live(provider, 1);
    return offer.id();
  }
}
