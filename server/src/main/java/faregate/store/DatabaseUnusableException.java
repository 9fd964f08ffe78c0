package faregate.store;

/// A shared database cannot be used as it is. The message says what is wrong with it and what to
/// do, and holds no secret.
public final class DatabaseUnusableException extends IllegalStateException {
  private static final long serialVersionUID = 1;

  DatabaseUnusableException(String message) {
    super(message);
  }

  DatabaseUnusableException(String message, Throwable cause) {
    super(message, cause);
  }
}
