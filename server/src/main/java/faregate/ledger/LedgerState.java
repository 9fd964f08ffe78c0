package faregate.ledger;

/// How the writer stands, as of now: for metrics and readiness.
///
/// @param queued commands waiting for the writer
/// @param waiting holds in line for credit
/// @param holdsOpen holds open
/// @param unwritten ends of holds whose transaction failed; they are tried again
/// @param batches transactions since the start
/// @param commands commands answered since the start
/// @param trouble empty when the ledger can write, else why it cannot and what to do
public record LedgerState(
    long queued,
    long waiting,
    long holdsOpen,
    long unwritten,
    long batches,
    long commands,
    String trouble) {

  public boolean canWrite() {
    return trouble.isEmpty();
  }
}
