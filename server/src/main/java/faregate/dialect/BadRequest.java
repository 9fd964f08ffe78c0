package faregate.dialect;

import org.jspecify.annotations.Nullable;

/// A request that cannot be understood: the client's doing, told to it in full.
public final class BadRequest extends RuntimeException {
  private static final long serialVersionUID = 1;
  private final @Nullable String param;

  /// @param param the field that is wrong, null when the body as a whole is
  public BadRequest(String message, @Nullable String param) {
    super(message, null, false, false);
    this.param = param;
  }

  public @Nullable String param() {
    return param;
  }

  /// The sentence for the client.
  public String sentence() {
    return String.valueOf(getMessage());
  }
}
