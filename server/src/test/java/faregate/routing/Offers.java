package faregate.routing;

import faregate.catalog.Offer;
import faregate.catalog.Provider;
import faregate.catalog.Snapshot;
import faregate.id.OfferId;
import faregate.kit.Secret;
import faregate.tariff.Tariff;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Offers for tests, of models `org/name`.
final class Offers {
  static final String MODEL = "meta-llama/Llama-3";

  private Offers() {}

  /// A live offer with tools and no structured output; images are not known to it.
  static Offer live(String provider, long outputPicos) {
    return offer(MODEL, provider, Tariff.tokens(outputPicos, outputPicos, "1"), Offer.State.LIVE);
  }

  static Offer offer(String model, String provider, @Nullable Tariff tariff, Offer.State state) {
    return offer(model, provider, tariff, state, true, false, Set.of("text"));
  }

  static Offer offer(
      String model,
      String provider,
      @Nullable Tariff tariff,
      Offer.State state,
      @Nullable Boolean tools,
      @Nullable Boolean structuredOutput,
      Set<String> input) {
    return new Offer(
        new OfferId(provider, model),
        model,
        Ask.CHAT,
        tariff,
        8192,
        4096,
        OptionalInt.empty(),
        tools,
        structuredOutput,
        false,
        input,
        Set.of("text"),
        false,
        state);
  }

  static Snapshot snapshot(Offer... offers) {
    Map<String, Provider> providers = new LinkedHashMap<>();
    for (Offer offer : offers) {
      boolean keyed = offer.state() != Offer.State.NO_KEY;
      providers.put(offer.provider(), provider(offer.provider(), keyed));
    }
    return new Snapshot(List.of(offers), providers.values());
  }

  static List<String> slugs(Routed routed) {
    return ((Routed.Route) routed).attempts().stream().map(Offer::provider).toList();
  }

  static Ask ask(String model, Ability... needs) {
    return Ask.chat(model, Set.copyOf(Arrays.asList(needs)), null);
  }

  private static Provider provider(String slug, boolean keyed) {
    return new Provider(
        slug,
        slug,
        "openai",
        "https://" + slug + ".example/v1",
        "/chat/completions",
        "Authorization",
        "Bearer ",
        slug.toUpperCase(java.util.Locale.ROOT) + "_API_KEY",
        keyed ? new Secret("k") : null,
        true,
        false,
        "max_tokens",
        "x-request-id",
        false,
        null,
        "https://example.org");
  }
}
