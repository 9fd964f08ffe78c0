package faregate.id;

/// The money of a user or an organization.
///
/// @param value 64 bits, positive, never reused
public record WalletId(long value) {

  public WalletId {
    if (value <= 0) {
      throw new IllegalArgumentException("WalletId is positive, not " + value);
    }
  }

  @Override
  public String toString() {
    return Long.toString(value);
  }
}
