package faregate.ledger;

/// A batch was decided on lots that somebody else has changed meanwhile: it is decided again.
final class StaleException extends RuntimeException {
  private static final long serialVersionUID = 1;

  StaleException(String what) {
    super("changed by another node meanwhile: " + what);
  }
}
