package faregate.ledger;

import faregate.id.CallId;
import faregate.id.WalletId;
import faregate.kit.ReservedIds;
import faregate.money.Nanos;
import faregate.store.Database;
import java.util.List;
import java.util.function.Consumer;

/// What the ledger remembers of a span of time, for whoever compares it with other books. Blocking;
/// costs a look at the rows of that time, or a pass over all where they are most.
///
/// A call belongs to the moment at which its id was made, which is when it was asked for.
public final class History {
  private final Database database;

  public History(Database database) {
    this.database = database;
  }

  /// A call that ended.
  ///
  /// @param posted what was charged at its end
  /// @param charge as it is now: posted, or adjusted by a late bill
  /// @param loss what the operator is known to pay beyond the charge
  /// @param reason `posted`, or why it was voided
  /// @param ref the opaque reference of its hold
  /// @param fence who wrote its end
  /// @param seq in which batch, as in [LedgerReads#finishedAfter]
  public record PastCall(
      CallId id,
      WalletId wallet,
      Nanos held,
      Nanos posted,
      Nanos charge,
      Nanos loss,
      boolean estimated,
      boolean adjusted,
      String reason,
      String ref,
      byte[] facts,
      long endedMicros,
      long fence,
      long seq) {
    public boolean isPosted() {
      return reason.equals(Ending.POSTED);
    }
  }

  /// A loss or an exposure of the operator. An exposure is an upper bound of what a provider may
  /// bill beyond the charge.
  ///
  /// @param amount negative where a later bill takes a loss back
  /// @param reason a short code
  public record Incident(CallId call, String kind, Nanos amount, String reason, long madeMicros) {
    public boolean isExposure() {
      return kind.equals("exposure");
    }

    /// Whether whoever served the call had not ended it, so that the ledger did.
    public boolean isOfExpiry() {
      return reason.equals(Work.Expire.DIED) || reason.equals(Work.Expire.OVERDUE);
    }

    /// The same with another of this call.
    public Incident plus(Incident other) {
      return new Incident(call, kind, amount.plus(other.amount), reason, madeMicros);
    }
  }

  /// Some calls of that time are gone, and only sums of them are kept.
  public static final class ClosedException extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final long untilMicros;

    ClosedException(long untilMicros) {
      super("calls were closed up to " + untilMicros);
      this.untilMicros = untilMicros;
    }

    /// From then on all calls are kept.
    public long untilMicros() {
      return untilMicros;
    }
  }

  /// Goes through the calls that were asked for in a span of time and have ended, in no order.
  ///
  /// @throws ClosedException when not all of them are kept
  public void calls(long fromMicros, long toMicros, Consumer<PastCall> to) {
    database.read(
        handle -> {
          long until = ClosingSql.until(handle);
          if (fromMicros < until) {
            throw new ClosedException(until);
          }
          HistorySql.calls(
              handle, ReservedIds.firstAt(fromMicros), ReservedIds.firstAt(toMicros), to);
          return true;
        });
  }

  /// The incidents of such calls, in the order in which they were noted.
  public List<Incident> incidents(long fromMicros, long toMicros) {
    return database.read(
        handle ->
            HistorySql.incidents(
                handle, ReservedIds.firstAt(fromMicros), ReservedIds.firstAt(toMicros)));
  }
}
