package faregate.routing;

import static faregate.routing.Offers.MODEL;
import static faregate.routing.Offers.ask;
import static faregate.routing.Offers.live;
import static faregate.routing.Offers.offer;
import static faregate.routing.Offers.snapshot;
import static org.assertj.core.api.Assertions.assertThat;

import faregate.catalog.Offer.State;
import faregate.catalog.Snapshot;
import faregate.health.HandClock;
import faregate.health.Health;
import faregate.tariff.Tariff;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Each reason for going nowhere, with the words of its answer.
class RefusalTest {
  private static final Tariff TARIFF = Tariff.tokens(1, 1, "1");

  private final HandClock clock = new HandClock();
  private final Health health = new Health(clock);
  private final Router router = new Router(health, clock, () -> 1);

  static Stream<Arguments> cases() {
    Snapshot house =
        snapshot(
            live("groq", 1),
            live("together", 1),
            offer("openai/gpt-oss", "groq", TARIFF, State.NO_KEY),
            offer("openai/gpt-oss", "novita", TARIFF, State.NO_KEY),
            offer("openai/gpt-oss", "cheap", null, State.NO_KEY),
            offer("old/model", "groq", TARIFF, State.DEPRECATED),
            offer("new/model", "groq", null, State.LIVE),
            offer("blind/model", "groq", TARIFF, State.LIVE, false, null, Set.of("text")),
            offer("half/model", "groq", TARIFF, State.LIVE, false, null, Set.of("text")),
            offer("half/model", "novita", TARIFF, State.NO_KEY, true, null, Set.of("text")));
    String wanting = "groq (set GROQ_API_KEY), novita (set NOVITA_API_KEY)";
    return Stream.of(
        refused("", house, "", " GET /v1/models lists the models there are."),
        refused("no/such", house, "", " GET /v1/models lists the models there are."),
        refused("no/such:fastest", house, "", " GET /v1/models lists the models there are."),
        refused("meta-llama/llama-3", house, "", " Did you mean '" + MODEL + "'?"),
        refused("Llama-3", house, "", " Did you mean '" + MODEL + "'?"),
        refused(
            MODEL + ":fastst",
            house,
            "",
            " The suffix ':fastst' is not known: use :fastest, :cheapest, :preferred or a provider"
                + " of this model (:groq, :together)."),
        refused(
            MODEL + ":",
            house,
            "",
            " The suffix ':' is not known: use :fastest, :cheapest, :preferred or a provider of"
                + " this model (:groq, :together)."),
        refused(
            MODEL + ":novita",
            house,
            "",
            " novita does not offer this model; it is offered by groq, together."),
        refused("openai/gpt-oss", house, "", " It would be served by " + wanting + "."),
        refused(
            "openai/gpt-oss:novita",
            house,
            "",
            " It would be served by novita (set NOVITA_API_KEY)."),
        refused("old/model", house, "", " Its providers have withdrawn it or are switched off."),
        refused(
            "blind/model",
            house,
            "tools",
            " The request needs tools, which no provider of this model offers. These do: '"
                + MODEL
                + "'."),
        refused(
            MODEL,
            house,
            "images tools",
            " The request needs tools and image input, which no provider of this model offers."),
        refused(
            "half/model:groq",
            house,
            "tools",
            " The request needs tools, which groq does not offer for this model. These do:"
                + " 'half/model:novita'."),
        refused(
            "half/model",
            house,
            "tools",
            " It would be served with tools by novita (set NOVITA_API_KEY)."));
  }

  private static Arguments refused(String model, Snapshot snapshot, String needs, String words) {
    String sentence =
        "The requested model '" + model + "' is not supported by any provider you have enabled.";
    return Arguments.of(model, snapshot, needs, sentence + words);
  }

  @ParameterizedTest(name = "{0} {2}")
  @MethodSource("cases")
  void aModelThatIsNotSupportedSaysWhatWouldHelp(
      String model, Snapshot snapshot, String needs, String message) {
    Ability[] abilities =
        Stream.of(Ability.values())
            .filter(ability -> needs.contains(ability.name().toLowerCase(java.util.Locale.ROOT)))
            .toArray(Ability[]::new);
    Refusal refusal = (Refusal) router.route(ask(model, abilities), snapshot);
    assertThat(refusal.message()).isEqualTo(message);
    assertThat(refusal.status()).isEqualTo(400);
    assertThat(refusal.code()).isEqualTo("model_not_supported");
  }

  @Test
  void anUnpricedModelIsRefusedByItsOwnName() {
    Snapshot snapshot = snapshot(offer("new/model", "groq", null, State.LIVE));
    Refusal refusal = (Refusal) router.route(ask("new/model"), snapshot);
    assertThat(refusal.status()).isEqualTo(400);
    assertThat(refusal.code()).isEqualTo("model_unpriced");
    assertThat(refusal.message())
        .isEqualTo(
            "The requested model 'new/model' has no known price at groq, so it cannot be called."
                + " The operator can give its price, or mark it free, in the configuration.");
  }

  @Test
  void whereAllCoolTheFirstToReturnSaysWhen() {
    Snapshot snapshot = snapshot(live("groq", 1), live("together", 1));
    health.cool(live("groq", 1).id(), Duration.ofSeconds(30));
    health.cool(live("together", 1).id(), Duration.ofMillis(2_001));
    Refusal.Cooling refusal = (Refusal.Cooling) router.route(ask(MODEL), snapshot);
    assertThat(refusal.status()).isEqualTo(429);
    assertThat(refusal.code()).isEqualTo("rate_limit_exceeded");
    assertThat(refusal.retryAfterSeconds()).isEqualTo(3);
    assertThat(refusal.message())
        .isEqualTo(
            "The requested model 'meta-llama/Llama-3' cannot be served for a moment: groq, together"
                + " asked for a pause. Try again in 3 s.");
  }

  @Test
  void anOtherTaskIsNoChat() {
    Snapshot snapshot = snapshot(live("groq", 1));
    Ask ask = new Ask(MODEL, "feature-extraction", Set.of(), null, List.of(), Set.of());
    assertThat(((Refusal) router.route(ask, snapshot)).message())
        .endsWith(
            " The request needs the task feature-extraction, which no provider of this model"
                + " offers.");
  }
}
