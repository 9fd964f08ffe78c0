package faregate.ledger;

import java.sql.SQLException;

/// A row that a decision needs could not be read.
final class LedgerUnreadableException extends RuntimeException {
  private static final long serialVersionUID = 1;

  LedgerUnreadableException(SQLException cause) {
    super("the ledger's rows cannot be read: " + cause.getMessage(), cause);
  }
}
