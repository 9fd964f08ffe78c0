package faregate.id;

/// An access token.
///
/// @param value 64 bits, positive, never reused
public record TokenId(long value) {

  public TokenId {
    if (value <= 0) {
      throw new IllegalArgumentException("TokenId is positive, not " + value);
    }
  }

  @Override
  public String toString() {
    return Long.toString(value);
  }
}
