package faregate.ledger;

import faregate.id.CallId;
import faregate.id.LotId;
import faregate.id.WalletId;
import faregate.ledger.Ledger.CallRef;
import faregate.money.Nanos;
import java.util.List;
import java.util.Optional;

/// What the ledger tells. Blocking; not for event loops. True as of the last commit.
public interface LedgerReads {
  /// All lots of a wallet, in order of use.
  List<Lot> lots(WalletId wallet);

  /// One call of a wallet, open or ended; that of another wallet is as unknown as none.
  Optional<Call> call(CallRef call);

  /// One call, open or ended, where nobody knows whose it is: looks into every bucket.
  Optional<Call> call(CallId id);

  /// The call that has a client's key in a wallet, as a hold under that key would be told of it;
  /// empty where none has it. For a call that is refused before it comes to a hold. A database that
  /// is silent for seconds makes it fail.
  Optional<HoldOutcome.RepeatedKey> repeated(WalletId wallet, RepeatKey key);

  /// @return holds open now, of all wallets
  long holdsOpen();

  /// From when on all calls are kept, in microseconds since the epoch; of those that were asked for
  /// before, some or all are closed. The beginning of a day.
  long keptFromMicros();

  /// Goes through all rows, wallet by wallet, in short snapshots; fit for a serving node.
  AuditReport audit();

  /// The fence rows under which endings are written: one on SQLite.
  List<Long> fences();

  /// The node that writes, or wrote, under a fence.
  static int nodeOf(long fence) {
    return Fence.node(fence);
  }

  /// What ended, in the order of the commits: for a reader that keeps a watermark for each fence.
  /// Batches come whole, so there may be a few more than asked for. A call whose charge is adjusted
  /// later comes again, with a higher `seq`.
  ///
  /// @param seq the highest that the reader has seen, 0 at first
  List<Finished> finishedAfter(long fence, long seq, int limit);

  /// The highest `seq` that [#finishedAfter] would tell now, for a reader that passes over all of
  /// it; 0 where nothing has ended.
  long finishedLast(long fence);

  /// One ended call.
  ///
  /// @param seq the batch that wrote it, rising within its fence
  /// @param charge as it is now: posted, or adjusted by a late bill
  /// @param facts as given at its end; empty where nothing was told
  record Finished(
      long fence,
      long seq,
      CallId id,
      WalletId wallet,
      Nanos held,
      Nanos charge,
      boolean estimated,
      String reason,
      String ref,
      byte[] facts,
      long endedMicros) {}

  /// @param debt what was used of a purchase that was reversed since, and is still owed
  /// @param repaid what of it a later purchase has paid
  record Lot(
      LotId id,
      LotKind kind,
      Nanos granted,
      Nanos pending,
      Nanos posted,
      long startsMicros,
      long expiresMicros,
      String ref,
      Nanos debt,
      Nanos repaid) {}

  /// @param ended null while the hold is open
  /// @param facts as settled or marked last; empty where there are none
  record Call(
      CallId id,
      WalletId wallet,
      Nanos held,
      @org.jspecify.annotations.Nullable Ending ended,
      String ref,
      byte[] facts) {}

  /// @param finished ended calls that are kept
  /// @param closed ended calls that only sums are kept of
  /// @param wrong the first wrong row as a sentence, or null when all is well
  record AuditReport(
      long wallets,
      long lots,
      long holds,
      long finished,
      long closed,
      Nanos granted,
      Nanos pending,
      Nanos posted,
      Nanos loss,
      Nanos exposure,
      @org.jspecify.annotations.Nullable String wrong) {
    public boolean isClean() {
      return wrong == null;
    }
  }
}
