package faregate.id;

/// A parcel of credit in a wallet; a spending limit is one too.
///
/// @param value 64 bits, positive, never reused
public record LotId(long value) {

  public LotId {
    if (value <= 0) {
      throw new IllegalArgumentException("LotId is positive, not " + value);
    }
  }

  @Override
  public String toString() {
    return Long.toString(value);
  }
}
