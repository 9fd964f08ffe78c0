package faregate.ledger;

import faregate.id.CallId;
import faregate.id.LotId;
import faregate.id.WalletId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What one batch changes: what the transaction writes, and what undoes it in memory should the
/// transaction fail.
final class Changes {
  /// @param loss what of the provider's bill the operator pays
  record Finished(
      OpenHold hold, Ending ending, List<Leg> legs, long loss, byte[] facts, long endedMicros) {}

  /// @param lot the lot it made or changed, or null
  /// @param call the call it adjusts, or null
  record Transfer(
      WalletId wallet,
      String ref,
      String kind,
      long amount,
      @Nullable LotId lot,
      @Nullable CallId call,
      List<Leg> legs,
      String reason) {}

  /// @param amount negative where a later bill takes a loss back
  record Incident(long id, WalletId wallet, CallId call, String kind, long amount, String reason) {}

  /// A call after a late bill.
  ///
  /// @param held the most that it may be charged: 0 where it was voided, for nothing was delivered
  /// @param charge as it is now
  /// @param read the revision that this one was decided on
  /// @param legs with what is posted now
  record Adjusted(
      WalletId wallet,
      CallId call,
      long held,
      long charge,
      long loss,
      long read,
      long revision,
      List<Leg> legs,
      byte[] facts) {
    /// Of a call that no late bill has come for.
    static final long NO_REVISION = Long.MIN_VALUE;
  }

  /// A client's key, from now on that of a call.
  record Repeat(CallId call, String print, long untilMicros) {}

  /// @param before null for a new lot
  record LotChange(WalletId wallet, @Nullable LotState before, LotState after) {}

  private record RefKey(WalletId wallet, String ref) {}

  final Map<WalletId, Wallet> walletsBefore = new LinkedHashMap<>();
  final Map<WalletId, List<Work.Hold>> linesBefore = new HashMap<>();
  final Map<CallId, OpenHold> marksBefore = new LinkedHashMap<>();
  final List<OpenHold> begun = new ArrayList<>();
  final List<Finished> finished = new ArrayList<>();
  final List<Incident> incidents = new ArrayList<>();
  final Map<CallId, Adjusted> adjusted = new LinkedHashMap<>();
  final Map<Repeats.Place, Repeat> repeats = new LinkedHashMap<>();
  private final Map<RefKey, Transfer> transfers = new LinkedHashMap<>();

  void add(Transfer transfer) {
    transfers.put(new RefKey(transfer.wallet(), transfer.ref()), transfer);
  }

  Iterable<Transfer> transfers() {
    return transfers.values();
  }

  @Nullable Transfer transfer(WalletId wallet, String ref) {
    return transfers.get(new RefKey(wallet, ref));
  }

  boolean hasBegun(CallId call) {
    for (OpenHold hold : begun) {
      if (hold.id().equals(call)) {
        return true;
      }
    }
    return false;
  }

  @Nullable Finished finished(CallId call) {
    for (Finished row : finished) {
      if (row.hold().id().equals(call)) {
        return row;
      }
    }
    return null;
  }

  boolean isEmpty() {
    return rows() == 0;
  }

  /// Whether there are rows that few batches have, lots aside. A void may free a client's key.
  boolean hasRare() {
    return !(transfers.isEmpty()
        && incidents.isEmpty()
        && adjusted.isEmpty()
        && repeats.isEmpty()
        && finished.stream().allMatch(row -> row.ending().reason().equals(Ending.POSTED)));
  }

  /// How many rows the transaction writes beside lots and the fence.
  int rows() {
    return begun.size()
        + finished.size()
        + marksBefore.size()
        + transfers.size()
        + incidents.size()
        + adjusted.size();
  }

  /// Lots that differ from before.
  List<LotChange> lots(Books books) {
    List<LotChange> changed = new ArrayList<>();
    walletsBefore.forEach(
        (id, before) -> {
          Wallet after = books.wallet(id);
          for (int index = 0; index < after.size(); index++) {
            LotState lot = after.lot(index);
            LotState old = before.find(lot.id());
            if (!lot.equals(old)) {
              changed.add(new LotChange(id, old, lot));
            }
          }
        });
    return changed;
  }
}
