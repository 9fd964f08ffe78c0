package faregate.ledger;

import faregate.kit.Clock;
import faregate.kit.IdSource;

/// A database that the contract is proved on. Closing it ends the database, not only a ledger.
interface LedgerStore extends AutoCloseable {
  SqlLedger open(Clock clock, LedgerSettings settings);

  IdSource ids();

  /// Whether others may write there, and its time is the one that counts.
  boolean isShared();

  /// Changes rows behind the ledger's back.
  void execute(String sql);

  /// Makes a step of each batch fail until [#mend].
  ///
  /// @param step as a trigger names it, or `COMMIT`
  /// @param when the rows that fail, as a trigger's condition; empty for all
  void fault(String step, String when);

  void mend();

  /// Keeps the writer from working until the returned handle is closed.
  ///
  /// @param sql what else changes rows meanwhile, after the writer last looked
  Stall stall(String... sql);

  @Override
  void close();

  /// A stalled writer.
  interface Stall extends AutoCloseable {
    @Override
    void close();
  }
}
