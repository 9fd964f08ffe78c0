package faregate.routing;

import static faregate.routing.Offers.MODEL;
import static org.assertj.core.api.Assertions.assertThat;

import faregate.catalog.Offer;
import faregate.catalog.Offer.State;
import faregate.catalog.Snapshot;
import faregate.health.HandClock;
import faregate.health.Health;
import faregate.routing.Routed.Route;
import faregate.tariff.Meter;
import faregate.tariff.Tariff;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;

/// Random houses and random requests: what must hold of every route, told apart from how routes are
/// made. The number of the repetition is the seed.
class RouterPropertyTest {
  private static final List<String> PROVIDERS = List.of("a", "b", "c", "d", "e", "f");
  private static final List<Set<String>> INPUTS =
      List.of(Set.of(), Set.of("text"), Set.of("text", "image"));

  private static final List<String> SUFFIXES =
      List.of("", ":fastest", ":cheapest", ":preferred", ":a", ":b", ":nobody");

  @RepeatedTest(50)
  void everyRouteIsOneThatMayBeTaken(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    HandClock clock = new HandClock();
    Health health = new Health(clock);
    Router router = new Router(health, clock, random::nextLong);
    for (int round = 0; round < 100; round++) {
      Snapshot snapshot = Offers.snapshot(house(random));
      for (int call = 0; call < 10; call++) {
        clock.pass(Duration.ofSeconds(random.nextInt(8)));
        live(health, snapshot, random);
        Ask ask = ask(random);
        Routed routed = router.route(ask, snapshot);
        hold(ask, snapshot, health, routed);
        if (routed instanceof Route route && random.nextBoolean()) {
          router.served(route, route.attempts().getLast());
        }
      }
    }
  }

  /// What is promised of any outcome.
  private static void hold(Ask ask, Snapshot snapshot, Health health, Routed routed) {
    List<Offer> callable =
        snapshot.offers(MODEL).stream()
            .filter(offer -> isNamed(ask, offer) && isCallable(ask, offer, health))
            .toList();
    switch (routed) {
      case Route route -> {
        assertThat(callable).containsAll(route.attempts());
        assertThat(route.attempts()).doesNotHaveDuplicates();
        assertThat(route.attempts()).hasSizeBetween(1, Router.ATTEMPTS_MAX);
        assertThat(route.pinned()).isEqualTo(ask.model().matches(".*:[ab]"));
        boolean trusted = callable.stream().anyMatch(offer -> health.isTrusted(offer.id()));
        if (trusted && !route.pinned()) {
          assertThat(route.attempts().stream().skip(1))
              .allMatch(offer -> health.isTrusted(offer.id()));
          assertThat(route.attempts()).anyMatch(offer -> health.isTrusted(offer.id()));
        }
        assertCheapest(ask, route, health);
      }
      case Refusal refusal -> {
        assertThat(callable).as("%s", refusal).isEmpty();
        assertThat(refusal.message()).contains("'" + ask.model() + "'").endsWith(".");
        assertThat(refusal.status()).isEqualTo(refusal instanceof Refusal.Cooling ? 429 : 400);
      }
    }
  }

  /// A trial comes first at any price.
  private static void assertCheapest(Ask ask, Route route, Health health) {
    if (ask.model().endsWith(":cheapest") && ask.session() == null && ask.needs().isEmpty()) {
      boolean trial =
          !health.isTrusted(route.attempts().getFirst().id())
              && route.attempts().stream().anyMatch(offer -> health.isTrusted(offer.id()));
      assertThat(route.attempts().stream().skip(trial ? 1 : 0))
          .extracting(RouterPropertyTest::price)
          .isSortedAccordingTo(Long::compare);
    }
  }

  private static long price(Offer offer) {
    Tariff tariff = offer.tariff();
    return tariff == null ? -1 : tariff.price(Meter.OUTPUT_TOKEN);
  }

  private static boolean isNamed(Ask ask, Offer offer) {
    int colon = ask.model().lastIndexOf(':');
    String suffix = colon < 0 ? "" : ask.model().substring(colon + 1);
    return switch (suffix) {
      case "", "fastest", "cheapest", "preferred" -> true;
      default -> suffix.equals(offer.provider());
    };
  }

  private static boolean isCallable(Ask ask, Offer offer, Health health) {
    boolean able =
        (!ask.needs().contains(Ability.TOOLS) || !Boolean.FALSE.equals(offer.tools()))
            && (!ask.needs().contains(Ability.STRUCTURED_OUTPUT)
                || !Boolean.FALSE.equals(offer.structuredOutput()))
            && (!ask.needs().contains(Ability.IMAGES) || takesImages(offer));
    return able
        && offer.state() == State.LIVE
        && offer.tariff() != null
        && !ask.disabled().contains(offer.provider())
        && health.cooling(offer.id()).isZero();
  }

  private static boolean takesImages(Offer offer) {
    return offer.inputModalities().isEmpty() || offer.inputModalities().contains("image");
  }

  /// Those that offers of a catalogue can have.
  private static final List<State> STATES =
      List.of(State.LIVE, State.NO_KEY, State.DEPRECATED, State.DISABLED);

  private static Offer[] house(Random random) {
    List<Offer> offers = new ArrayList<>();
    for (String provider : PROVIDERS) {
      if (random.nextInt(4) > 0) {
        State state = random.nextInt(3) > 0 ? State.LIVE : pick(random, STATES);
        long price = 1L + random.nextInt(5);
        offers.add(
            Offers.offer(
                MODEL,
                provider,
                random.nextInt(6) > 0 ? Tariff.tokens(price, price, "1") : null,
                state,
                perhaps(random),
                perhaps(random),
                pick(random, INPUTS)));
      }
    }
    return offers.toArray(Offer[]::new);
  }

  private static void live(Health health, Snapshot snapshot, Random random) {
    for (Offer offer : snapshot.offers(MODEL)) {
      switch (random.nextInt(8)) {
        case 0 -> health.succeeded(offer.id(), random.nextInt(500), random.nextInt(300));
        case 1, 2 -> health.failed(offer.id());
        case 3 -> health.cool(offer.id(), Duration.ofSeconds(random.nextInt(6)));
        case 4 -> health.distrust(offer.id(), Duration.ofSeconds(random.nextInt(6)));
        default -> {}
      }
    }
  }

  private static Ask ask(Random random) {
    EnumSet<Ability> needs = EnumSet.noneOf(Ability.class);
    Arrays.stream(Ability.values()).filter(_ -> random.nextInt(4) == 0).forEach(needs::add);
    return new Ask(
        MODEL + pick(random, SUFFIXES),
        Ask.CHAT,
        needs,
        random.nextBoolean() ? "session " + random.nextInt(3) : null,
        List.of("c", "a"),
        random.nextInt(3) == 0 ? Set.of("a", "d") : Set.of());
  }

  private static @Nullable Boolean perhaps(Random random) {
    return switch (random.nextInt(3)) {
      case 0 -> true;
      case 1 -> false;
      default -> null;
    };
  }

  private static <T> T pick(Random random, List<T> values) {
    return values.get(random.nextInt(values.size()));
  }
}
