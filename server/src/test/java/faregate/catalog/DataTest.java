package faregate.catalog;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import faregate.catalog.Offer.State;
import faregate.kit.Environment;
import faregate.sandbox.SandboxModel;
import faregate.tariff.Meter;
import faregate.tariff.Tariff;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// Facts about the product's own data files, which promises elsewhere lean on.
class DataTest {
  private static Snapshot snapshot(Map<String, String> environment) {
    Catalog catalog = new Catalog(Environment.of(environment), Discoverer.none());
    catalog.reload(CatalogSettings.defaults().withBaseUrl("sandbox", "http://127.0.0.1:9999/v1"));
    return catalog.current();
  }

  private static List<Offer> offers(Snapshot snapshot) {
    return snapshot.models().values().stream().flatMap(List::stream).toList();
  }

  @Test
  void listsManyModelsOfManyProviders() {
    Snapshot snapshot = snapshot(Map.of());
    List<Offer> chat =
        offers(snapshot).stream().filter(offer -> offer.task().equals("conversational")).toList();
    assertThat(chat.stream().map(Offer::model).distinct()).hasSizeGreaterThanOrEqualTo(300);
    assertThat(chat.stream().map(Offer::provider).distinct()).hasSizeGreaterThanOrEqualTo(28);
  }

  @Test
  void listsTheSandboxFirst() {
    Snapshot snapshot = snapshot(Map.of());
    Offer first = snapshot.models().values().iterator().next().getFirst();
    assertThat(first.model()).isEqualTo("faregate/sandbox");
    assertThat(first.state()).isEqualTo(State.LIVE);
    assertThat(first.contextTokens()).isEqualTo(65_536);
    assertThat(first.outputTokensMax()).isEqualTo(16_384);
    assertThat(first.imageTokensMax()).hasValue(256);
    assertThat(first.tools()).isTrue();
    assertThat(first.structuredOutput()).isTrue();
    assertThat(first.inputModalities()).containsExactlyInAnyOrder("text", "image");
    Tariff tariff = requireNonNull(first.tariff());
    assertThat(tariff.price(Meter.INPUT_TOKEN)).isEqualTo(1_000_000);
    assertThat(tariff.price(Meter.OUTPUT_TOKEN)).isEqualTo(10_000_000);
  }

  @Test
  void theSandboxPlaysTheModelsThatAreListed() {
    Snapshot snapshot = snapshot(Map.of());
    assertThat(offers(snapshot).stream().filter(offer -> offer.provider().equals("sandbox")))
        .hasSameSizeAs(SandboxModel.standard());
    for (SandboxModel played : SandboxModel.standard()) {
      Offer offer = snapshot.offers(played.id()).getFirst();
      assertThat(offer.id().providerModel()).isEqualTo(played.id());
      assertThat(offer.contextTokens()).isEqualTo(played.contextTokens());
      assertThat(offer.outputTokensMax()).isEqualTo(played.outputTokensMax());
      Tariff tariff = requireNonNull(offer.tariff());
      assertThat(tariff.price(Meter.INPUT_TOKEN)).isEqualTo(played.inputNanos() * 1_000);
      assertThat(tariff.price(Meter.OUTPUT_TOKEN)).isEqualTo(played.outputNanos() * 1_000);
    }
  }

  @Test
  void onlyTheSandboxIsLiveWithoutKeys() {
    assertThat(
            offers(snapshot(Map.of())).stream()
                .filter(Offer::isLive)
                .map(Offer::provider)
                .distinct())
        .containsExactly("sandbox");
  }

  @Test
  void aKeyInTheEnvironmentMakesAProviderLive() {
    Snapshot snapshot = snapshot(Map.of("GROQ_API_KEY", "gsk-1"));
    Set<String> live =
        offers(snapshot).stream()
            .filter(Offer::isLive)
            .map(Offer::provider)
            .collect(Collectors.toSet());
    assertThat(live).containsExactlyInAnyOrder("sandbox", "groq");
    Provider groq = requireNonNull(snapshot.provider("groq"));
    assertThat(requireNonNull(groq.key()).reveal()).isEqualTo("gsk-1");
  }

  @Test
  void everyModelIsNamedByOrganizationAndNameAndOfferedOncePerProvider() {
    Set<String> pairs = new HashSet<>();
    for (Offer offer : offers(snapshot(Map.of()))) {
      assertThat(offer.model()).matches("[^/\\s:]+/[^/\\s:]+");
      assertThat(pairs.add(offer.provider() + " " + offer.model())).as("%s", offer).isTrue();
    }
    assertThat(pairs).hasSize(664 + 3);
  }

  @Test
  void modelsDifferInMoreThanCase() {
    Set<String> models = snapshot(Map.of()).models().keySet();
    assertThat(models.stream().map(model -> model.toLowerCase(Locale.ROOT)).distinct())
        .hasSameSizeAs(models);
  }

  @Test
  void aPriceOfNothingIsNoPrice() {
    for (Offer offer : offers(snapshot(Map.of()))) {
      if (offer.tariff() != null) {
        assertThat(offer.tariff().isFree()).isFalse();
        assertThat(offer.tariff().price(Meter.INPUT_TOKEN)).isPositive();
        if (offer.task().equals("conversational")) {
          assertThat(offer.tariff().price(Meter.OUTPUT_TOKEN)).isPositive();
        }
      }
    }
  }

  @Test
  void deprecatedOffersAreListedAndNeverLive() {
    Snapshot snapshot = snapshot(Map.of("ANTHROPIC_API_KEY", "k", "OPENAI_API_KEY", "k"));
    assertThat(offers(snapshot).stream().filter(offer -> offer.state() == State.DEPRECATED))
        .hasSize(39);
  }

  @Test
  void everyProviderThatCanBeLiveNamesItsSource() {
    for (Provider provider : snapshot(Map.of()).providers()) {
      if (provider.baseUrl() != null && !provider.slug().equals("sandbox")) {
        assertThat(provider.source()).as(provider.slug()).startsWith("https://");
        assertThat(provider.baseUrl()).as(provider.slug()).matches("https://[^?#]*[^/?#]");
        assertThat(provider.keyVariable()).as(provider.slug()).isNotBlank();
      }
    }
  }

  @Test
  void aProviderWithoutAUrlIsListedAndNeverLive() {
    Snapshot snapshot = snapshot(Map.of("CLOUDFLARE_API_TOKEN", "k"));
    assertThat(offers(snapshot).stream().filter(offer -> offer.provider().equals("cloudflare")))
        .isNotEmpty()
        .noneMatch(Offer::isLive);
  }
}
