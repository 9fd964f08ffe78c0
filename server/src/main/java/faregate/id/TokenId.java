package faregate.id;

import java.util.Optional;

/// An access token.
///
/// @param value 64 bits, positive, never reused
public record TokenId(long value) {

  public TokenId {
    if (value <= 0) {
      throw new IllegalArgumentException("TokenId is positive, not " + value);
    }
  }

  /// Reads the form that lists of tokens show; empty where the text is no such id.
  public static Optional<TokenId> parse(String text) {
    if (!text.matches("\\d{1,19}")) {
      return Optional.empty();
    }
    try {
      return Optional.of(Long.parseLong(text)).filter(value -> value > 0).map(TokenId::new);
    } catch (NumberFormatException _) {
      return Optional.empty();
    }
  }

  @Override
  public String toString() {
    return Long.toString(value);
  }
}
