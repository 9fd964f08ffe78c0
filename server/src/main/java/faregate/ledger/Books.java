package faregate.ledger;

import faregate.id.CallId;
import faregate.id.WalletId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The ledger in memory, as the writer sees it: some wallets, all open holds, the latest endings.
///
/// It is changed while a batch is decided, before the batch is durable. Each change is noted in the
/// batch's [Changes], so that [#undo] can bring it back. Only the write thread comes here.
final class Books {
  private final Map<WalletId, Wallet> wallets = new LinkedHashMap<>(1024, 0.75f, true);
  private final Map<CallId, OpenHold> open = new HashMap<>();
  private final Endings endings;
  private final LoadSql rows;
  private final int walletsMax;
  private Changes changes = new Changes();

  Books(LoadSql rows, LedgerSettings settings) {
    this.rows = rows;
    this.walletsMax = settings.walletsCachedMax();
    this.endings = new Endings(settings.endingsCachedMax(), rows.highestEnded());
    for (OpenHold hold : rows.openHolds()) {
      open.put(hold.id(), hold);
    }
  }

  /// Begins a batch.
  Changes begin() {
    changes = new Changes();
    return changes;
  }

  Wallet wallet(WalletId id) {
    Wallet wallet = wallets.get(id);
    if (wallet == null) {
      wallet = Wallet.of(id, rows.lots(id));
      wallets.put(id, wallet);
    }
    return wallet;
  }

  void put(Wallet after) {
    Wallet before = wallets.put(after.id(), after);
    if (before != null) {
      changes.walletsBefore.putIfAbsent(after.id(), before);
    }
  }

  @Nullable OpenHold open(CallId id) {
    return open.get(id);
  }

  /// All open holds.
  List<CallId> openCalls() {
    return List.copyOf(open.keySet());
  }

  /// Open holds whose deadline is before a time.
  List<CallId> overdue(long beforeMicros) {
    List<CallId> overdue = new ArrayList<>();
    for (OpenHold hold : open.values()) {
      if (hold.deadlineMicros() < beforeMicros) {
        overdue.add(hold.id());
      }
    }
    return overdue;
  }

  int openCount() {
    return open.size();
  }

  /// @return how the call ended, or null when it has not
  @Nullable Ended ended(CallId id) {
    Ended ended = endings.get(id);
    return ended == null && endings.mayHaveEnded(id) ? rows.ended(id) : ended;
  }

  void hold(OpenHold hold) {
    open.put(hold.id(), hold);
    changes.begun.add(hold);
  }

  void mark(OpenHold hold, OpenHold.Mark mark) {
    changes.marksBefore.putIfAbsent(hold.id(), hold);
    open.put(hold.id(), hold.marked(mark));
  }

  void end(Changes.Finished row) {
    OpenHold hold = row.hold();
    open.remove(hold.id());
    endings.put(
        hold.id(), new Ended(hold.wallet(), hold.held(), hold.print(), hold.ref(), row.ending()));
    changes.finished.add(row);
  }

  /// Takes everything back that was changed since [#begin]; wallets are read afresh.
  void undo() {
    changes.walletsBefore.keySet().forEach(wallets::remove);
    for (Changes.Finished row : changes.finished) {
      endings.remove(row.hold().id());
      open.put(row.hold().id(), row.hold());
    }
    open.putAll(changes.marksBefore);
    for (OpenHold hold : changes.begun) {
      open.remove(hold.id());
    }
  }

  /// Forgets what was not used for longest. Between batches only.
  void trim() {
    endings.trim();
    while (wallets.size() > walletsMax) {
      wallets.remove(wallets.keySet().iterator().next());
    }
  }
}
