package faregate.id;

/// One call of one client, and the id of its hold. Append-friendly: milliseconds, counter, node.
///
/// @param value 64 bits, positive, never reused
public record CallId(long value) implements Comparable<CallId> {

  public CallId {
    if (value <= 0) {
      throw new IllegalArgumentException("a call id is positive, not " + value);
    }
  }

  /// The public form, as in `x-request-id`: thirteen characters that sort as the ids do.
  public String text() {
    return Base32.text(value);
  }

  /// Reads the public form.
  ///
  /// @throws IllegalArgumentException when the text is no call id
  public static CallId parse(String text) {
    return new CallId(Base32.parse(text));
  }

  /// Ids count in steps, so the bits are mixed for the sake of hash tables.
  @Override
  public int hashCode() {
    return Long.hashCode(value * 0x9e3779b97f4a7c15L);
  }

  @Override
  public int compareTo(CallId other) {
    return Long.compare(value, other.value);
  }

  @Override
  public String toString() {
    return text();
  }
}
