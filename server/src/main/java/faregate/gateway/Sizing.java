package faregate.gateway;

import faregate.catalog.Offer;
import faregate.dialect.ChatRequest;
import faregate.money.Nanos;
import faregate.tariff.Meter;
import faregate.tariff.Quantities;
import faregate.tariff.Tariff;
import java.util.List;
import java.util.Objects;

/// How much of the caller's credit a request wants held, and which output limit a hold pays for.
///
/// The bound follows from what is sent: the text by its bytes, images by the offer's declared
/// bound, other media by the whole context, output by `n` × the limit. It covers the dearest
/// attempt of the route, so any attempt may follow any other under the same hold.
final class Sizing {
  /// What is assumed of an offer that tells neither context nor output limit.
  static final long UNKNOWN_OUTPUT_TOKENS = 8_192;

  /// What a silent client gets where it can be paid.
  static final long WISHED_TOKENS = 1_024;

  private final ChatRequest request;
  private final List<Offer> offers;
  private final boolean clamp;

  /// @param offers the attempts of the route, each priced
  /// @param clamp whether a limit that the wallet cannot pay is lowered instead of refused
  Sizing(ChatRequest request, List<Offer> offers, boolean clamp) {
    this.request = request;
    this.offers = offers;
    this.clamp = clamp;
  }

  /// Below this nothing is held.
  Nanos least() {
    return isFixed() ? most() : dearest(1);
  }

  /// Held where the credit has it.
  Nanos wish() {
    return request.outputLimit() > 0 ? most() : dearest(WISHED_TOKENS);
  }

  /// Never more than this.
  Nanos most() {
    return dearest(Long.MAX_VALUE);
  }

  /// Whether the client set the limit, and means it.
  private boolean isFixed() {
    return request.outputLimit() > 0 && !clamp;
  }

  private Nanos dearest(long outputTokens) {
    Nanos dearest = Nanos.ZERO;
    for (Offer offer : offers) {
      long output = Math.min(outputTokens, outputMax(offer));
      dearest = dearest.atLeast(ceiling(offer, output));
    }
    return dearest;
  }

  /// The most one attempt can cost.
  ///
  /// @param outputTokens of each choice
  Nanos ceiling(Offer offer, long outputTokens) {
    return tariff(offer).ceiling(most(offer, outputTokens));
  }

  private Quantities most(Offer offer, long outputTokens) {
    return sent(offer)
        .with(Meter.OUTPUT_TOKEN, Math.multiplyExact(outputTokens, request.choices()));
  }

  /// Tokens of one answer: what the client asked for, at most what the offer gives.
  private long outputMax(Offer offer) {
    long offered = outputOffered(offer);
    if (request.outputLimit() > 0) {
      return Math.min(request.outputLimit(), offered);
    }
    // Many servers refuse a limit that leaves no room for the prompt: the client did not ask for
    // one.
    long room = Math.max(offer.contextTokens() - inputMax(offer), WISHED_TOKENS);
    return offer.contextTokens() > 0 ? Math.min(offered, room) : offered;
  }

  private static long outputOffered(Offer offer) {
    if (offer.outputTokensMax() > 0) {
      return offer.outputTokensMax();
    }
    return offer.contextTokens() > 0 ? offer.contextTokens() : UNKNOWN_OUTPUT_TOKENS;
  }

  private long inputMax(Offer offer) {
    return sent(offer).promptTokens();
  }

  /// The most that goes in, each token as the dearest kind that it can be.
  private Quantities sent(Offer offer) {
    long context = offer.contextTokens() > 0 ? offer.contextTokens() : Long.MAX_VALUE;
    if (hasUnboundedMedia(request, offer)) {
      Meter kind = dearestMedium(offer);
      return Quantities.of(kind, offer.contextTokens());
    }
    long images = Math.min((long) request.images() * offer.imageTokensMax().orElse(0), context);
    return Quantities.of(Meter.IMAGE_INPUT_TOKEN, images)
        .with(Meter.INPUT_TOKEN, Math.min(request.textTokensMax(), context - images));
  }

  private static Meter dearestMedium(Offer offer) {
    Tariff tariff = tariff(offer);
    return tariff.price(Meter.AUDIO_INPUT_TOKEN) > tariff.price(Meter.IMAGE_INPUT_TOKEN)
        ? Meter.AUDIO_INPUT_TOKEN
        : Meter.IMAGE_INPUT_TOKEN;
  }

  /// Whether what a request costs can be bounded at this offer at all: its input, and its prices.
  static boolean isBounded(ChatRequest request, Offer offer) {
    return !request.wantsPaidTier()
        && (offer.contextTokens() > 0 || !hasUnboundedMedia(request, offer));
  }

  private static boolean hasUnboundedMedia(ChatRequest request, Offer offer) {
    return request.hasOtherMedia() || (request.images() > 0 && offer.imageTokensMax().isEmpty());
  }

  /// The output limit that a hold pays for at this offer, for each choice.
  ///
  /// @return tokens, at least 1
  long outputLimit(Offer offer, Nanos held) {
    long most = outputMax(offer);
    if (isFixed()) {
      return most;
    }
    long paid = tariff(offer).answerTokensPaidBy(held, sent(offer)) / request.choices();
    return Math.clamp(paid, 1, most);
  }

  private static Tariff tariff(Offer offer) {
    return Objects.requireNonNull(offer.tariff(), () -> offer.id() + " has no price");
  }
}
