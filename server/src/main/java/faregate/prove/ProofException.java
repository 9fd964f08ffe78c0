package faregate.prove;

/// The proof could not be carried out: something that it needs did not come up. Says nothing about
/// the ledger.
public final class ProofException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public ProofException(String message) {
    super(message);
  }

  public ProofException(String message, Throwable cause) {
    super(message, cause);
  }
}
