package faregate.identity;

import faregate.kit.RandomSource;
import faregate.kit.Secret;

/// The form of a token's secret: `hf_` and 34 letters or digits, which is what official clients
/// know as theirs. 202 bits of chance.
final class TokenSecret {
  private static final String PREFIX = "hf_";
  private static final int LENGTH = 34;
  private static final String ALPHABET =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

  private TokenSecret() {}

  static Secret make(RandomSource random) {
    return new Secret(PREFIX + random.text(LENGTH, ALPHABET));
  }

  /// Whether it could be a token of ours at all; tells nothing about whether it is one.
  static boolean hasForm(String text) {
    if (text.length() != PREFIX.length() + LENGTH || !text.startsWith(PREFIX)) {
      return false;
    }
    for (int at = PREFIX.length(); at < text.length(); at++) {
      char letter = text.charAt(at);
      boolean fits =
          (letter >= 'a' && letter <= 'z')
              || (letter >= 'A' && letter <= 'Z')
              || (letter >= '0' && letter <= '9');
      if (!fits) {
        return false;
      }
    }
    return true;
  }
}
