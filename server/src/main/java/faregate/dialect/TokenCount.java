package faregate.dialect;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingType;
import faregate.kit.TextSlices;

/// Counts tokens by OpenAI's `o200k_base`: exact for its own models, an estimate for all others.
///
/// Slow (about a millisecond for 9,000 characters) and slow to load: never on an event loop.
public final class TokenCount {
  private static final int TOKENS_PER_MESSAGE = 3;
  private static final int TOKENS_PER_ANSWER_PRIMING = 3;

  private TokenCount() {}

  /// Tokens of a prompt, by OpenAI's published formula.
  public static long prompt(PromptText prompt) {
    long tokens = TOKENS_PER_ANSWER_PRIMING + (long) TOKENS_PER_MESSAGE * prompt.messages();
    for (String text : prompt.texts()) {
      tokens += text(text);
    }
    return tokens;
  }

  public static long text(String text) {
    return TextSlices.sum(text, Loaded.ENCODING::countTokensOrdinary);
  }

  /// Loads on first use.
  private static final class Loaded {
    private static final Encoding ENCODING =
        Encodings.newLazyEncodingRegistry().getEncoding(EncodingType.O200K_BASE);
  }
}
