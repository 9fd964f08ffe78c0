package faregate.id;

/// A user.
///
/// @param value 64 bits, positive, never reused
public record UserId(long value) {

  public UserId {
    if (value <= 0) {
      throw new IllegalArgumentException("UserId is positive, not " + value);
    }
  }

  @Override
  public String toString() {
    return Long.toString(value);
  }
}
