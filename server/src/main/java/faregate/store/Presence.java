package faregate.store;

/// Whether this process may act under its node's number. Cheap, any thread.
///
/// A node that was not heard for too long may have been declared dead by another one, and its holds
/// ended there. So whatever spends money asks before it sends anything, and again while it runs.
public interface Presence {
  /// The term of a node that may do nothing.
  long AWAY = 0;

  /// For a database that only one process can have.
  Presence ALWAYS = () -> 1;

  /// A number that changes whenever this process took a node's number anew; [#AWAY] while it has
  /// none that it may use. What was begun under another term has been, or will be, ended elsewhere.
  long term();
}
