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

  /// Ids count in steps, so the bits are mixed for the sake of hash tables.
  @Override
  public int hashCode() {
    return Long.hashCode(value * 0x9e3779b97f4a7c15L);
  }

  @Override
  public String toString() {
    return Long.toString(value);
  }
}
