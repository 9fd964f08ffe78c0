package faregate.ledger;

import faregate.id.WalletId;
import faregate.kit.Clock;
import java.sql.SQLException;
import java.util.Collection;
import java.util.Set;

/// How a batch is read and written on one connection.
interface BatchSql {
  /// Reads wallets that will be decided upon, all at once where that is quicker.
  void read(Books books, Collection<WalletId> wallets) throws SQLException;

  /// Begins the batch's transaction and reads wallets in it, locked until it ends.
  ///
  /// @return those that somebody else has locked; the others can be decided upon
  Set<WalletId> lock(Books books, Collection<WalletId> wallets) throws SQLException;

  /// Writes all changes of the batch. When this returns, they are durable.
  ///
  /// @return the fence as it stands now, with the time at which the batch was written
  /// @throws FenceLostException when the fence was taken over; nothing was written
  /// @throws SQLException when anything else went wrong; whether the batch was written is told by
  ///   the fence's seq
  Fence write(Changes changes, Books books, Fence fence, long nowMicros) throws SQLException;

  /// Ends the transaction of [#lock], or any other that is open, without having written.
  void abandon() throws SQLException;

  /// The time that counts: the server's, or else this machine's.
  long nowMicros(Clock clock) throws SQLException;
}
