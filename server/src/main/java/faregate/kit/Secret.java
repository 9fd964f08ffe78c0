package faregate.kit;

/// A secret that cannot reach a log, an error or a row by accident: it prints as `***`.
public final class Secret {
  private final String value;

  /// @throws IllegalArgumentException when it is empty, for an empty secret guards nothing
  public Secret(String value) {
    if (value.isBlank()) {
      throw new IllegalArgumentException("a secret must not be empty");
    }
    this.value = value;
  }

  /// The secret itself. Only where it goes onto the wire.
  public String reveal() {
    return value;
  }

  @Override
  public String toString() {
    return "***";
  }
}
