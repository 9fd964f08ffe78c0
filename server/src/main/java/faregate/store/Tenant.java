package faregate.store;

/// What is done under a node's number, and must end with it: the ledger. All of it blocks, is
/// called on one thread of [Membership], and is called again when it throws.
public interface Tenant {
  /// Ends what another node left, which is dead, exactly once.
  ///
  /// @param node its number
  /// @param beat where its beat stood when it was taken from it; when the row shows another by now,
  ///   somebody else recovers it
  void recover(int node, long beat);

  /// This node's number was taken from it, and what it left is ended elsewhere. Forgets everything
  /// that depends on it.
  void leave();

  /// Goes on under a number that was just taken; first ends what an earlier holder left under it.
  void enter(int node);
}
