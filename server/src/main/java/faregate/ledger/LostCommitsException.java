package faregate.ledger;

/// The database does not know batches that it had acknowledged: a replica was promoted that had not
/// got them, or a backup was put back.
final class LostCommitsException extends RuntimeException {
  private static final long serialVersionUID = 1;

  LostCommitsException(long batches) {
    super(
        "the database has forgotten "
            + batches
            + " batches that it had acknowledged: was a replica promoted without synchronous"
            + " replication, or a backup put back? Run audit, compare with the providers' bills,"
            + " then restart this process");
  }
}
