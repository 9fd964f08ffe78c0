package faregate.catalog;

import faregate.id.OfferId;
import faregate.tariff.Tariff;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a table or the configuration says about one offer, before its provider's keys and the
/// operator's switches decide whether it is live.
record Listing(
    OfferId id,
    String model,
    String task,
    @Nullable Tariff tariff,
    int contextTokens,
    int outputTokensMax,
    OptionalInt imageTokensMax,
    @Nullable Boolean tools,
    @Nullable Boolean structuredOutput,
    boolean reasoning,
    Set<String> inputModalities,
    Set<String> outputModalities,
    boolean deprecated) {

  static final String CHAT = "conversational";

  Listing withTariff(Tariff other) {
    return new Listing(
        id,
        model,
        task,
        other,
        contextTokens,
        outputTokensMax,
        imageTokensMax,
        tools,
        structuredOutput,
        reasoning,
        inputModalities,
        outputModalities,
        deprecated);
  }

  Offer offer(Offer.State state, boolean modelAuthor) {
    return new Offer(
        id,
        model,
        task,
        tariff,
        contextTokens,
        outputTokensMax,
        imageTokensMax,
        tools,
        structuredOutput,
        reasoning,
        inputModalities,
        outputModalities,
        modelAuthor,
        state);
  }

  /// Whether a task answers with tokens that have a price.
  static boolean hasOutput(String task) {
    return switch (task) {
      case "feature-extraction", "rerank" -> false;
      default -> true;
    };
  }
}
