package faregate.ledger;

/// Somebody else has taken the fence over: this writer may write nothing any more.
final class FenceLostException extends RuntimeException {
  private static final long serialVersionUID = 1;

  FenceLostException(Fence fence) {
    super(
        "the ledger was taken over by another writer (epoch is no longer "
            + fence.epoch()
            + "); on a shared database this process joins again under another number, otherwise it"
            + " must be restarted");
  }
}
