package faregate.operator;

import java.io.Serial;

/// What was asked for cannot be done. The message names the culprit and the remedy and is shown as
/// it is. It carries no stack trace: it tells of a request, not of our code.
public final class Refusal extends RuntimeException {
  @Serial private static final long serialVersionUID = 1;

  /// Whose fault it is.
  public enum Kind {
    /// The arguments are wrong; asking again in the same way cannot help.
    BAD_INPUT,
    /// The state of things does not allow it.
    NOT_POSSIBLE
  }

  private final Kind kind;

  public Refusal(Kind kind, String message) {
    super(message, null, false, false);
    this.kind = kind;
  }

  public static Refusal badInput(String message) {
    return new Refusal(Kind.BAD_INPUT, message);
  }

  public static Refusal notPossible(String message) {
    return new Refusal(Kind.NOT_POSSIBLE, message);
  }

  public Kind kind() {
    return kind;
  }
}
