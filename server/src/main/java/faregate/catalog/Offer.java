package faregate.catalog;

import faregate.id.OfferId;
import faregate.tariff.Tariff;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One model at one provider. Immutable; a change of price is another offer with the same id.
///
/// @param model `{org}/{name}`, as on the Hub
/// @param task as on the Hub, such as `conversational`
/// @param tariff null when unpriced: the offer is listed, and a call to it is refused
/// @param contextTokens the most tokens of input and output together; 0 when unknown
/// @param outputTokensMax the most tokens of one answer; 0 when unknown
/// @param imageTokensMax the most tokens one image counts as; empty where none is declared
/// @param tools null when unknown, likewise `structuredOutput`
/// @param inputModalities such as `text` and `image`; empty when unknown
public record Offer(
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
    boolean modelAuthor,
    State state) {

  public Offer {
    inputModalities = Set.copyOf(inputModalities);
    outputModalities = Set.copyOf(outputModalities);
  }

  /// Whether an offer can be called, as the catalogue sees it; `health` may know better.
  public enum State {
    /// Its provider has a key (or needs none) and a URL.
    LIVE,
    /// It is called with a key of the caller's own, so its provider bills the caller. Offers of the
    /// catalogue never are; [Offer#onOwnKey] makes them for one call.
    OWN_KEY,
    /// Listed, not callable: the provider has no key or no known URL.
    NO_KEY,
    /// Withdrawn by its provider.
    DEPRECATED,
    /// Switched off by the operator.
    DISABLED
  }

  public String provider() {
    return id.provider();
  }

  public boolean isLive() {
    return state == State.LIVE || state == State.OWN_KEY;
  }

  /// Whether its provider bills the caller and not the operator.
  public boolean isOnOwnKey() {
    return state == State.OWN_KEY;
  }

  /// The same for a caller who brings a key: it costs nothing here.
  public Offer onOwnKey() {
    return new Offer(
        id,
        model,
        task,
        Price.ownKey(),
        contextTokens,
        outputTokensMax,
        imageTokensMax,
        tools,
        structuredOutput,
        reasoning,
        inputModalities,
        outputModalities,
        modelAuthor,
        State.OWN_KEY);
  }
}
