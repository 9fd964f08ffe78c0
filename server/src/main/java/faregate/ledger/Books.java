package faregate.ledger;

import faregate.id.CallId;
import faregate.id.WalletId;
import faregate.kit.ReservedIds;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The ledger in memory, as the writer sees it: some wallets, the open holds of this node, the
/// latest endings.
///
/// It is changed while a batch is decided, before the batch is durable. Each change is noted in the
/// batch's [Changes], so that [#undo] can bring it back. Only the write thread comes here.
///
/// On a shared database others change lots as well, so what is remembered of a wallet may be old
/// unless it was read for the batch of the moment: see [#isCertain]. Holds are under a node's
/// number, and only that node changes them while it lives.
final class Books {
  private final Map<WalletId, Wallet> wallets = new LinkedHashMap<>(1024, 0.75f, true);
  private final Map<CallId, OpenHold> open = new HashMap<>();

  /// Holds of other nodes that were marked in the batch of the moment.
  private final Map<CallId, OpenHold> foreign = new HashMap<>();

  /// Wallets that were read for the batch of the moment.
  private final Set<WalletId> certain = new HashSet<>();

  private final Endings endings;
  private final LoadSql rows;
  private final Place place;
  private final int walletsMax;
  private Changes changes = new Changes();

  /// Reads what is open under the node's number.
  Books(LoadSql rows, LedgerSettings settings, Place place) {
    this.rows = rows;
    this.place = place;
    this.walletsMax = settings.walletsCachedMax();
    long forgotten = place.shared() ? place.around().ids().next() : rows.highestEnded();
    this.endings = new Endings(settings.endingsCachedMax(), forgotten);
    for (OpenHold hold : rows.openHolds(place.node())) {
      if (place.share().owns(Bucket.of(hold.wallet()))) {
        open.put(hold.id(), hold);
      }
    }
  }

  /// Begins a batch.
  Changes begin() {
    changes = new Changes();
    certain.clear();
    foreign.clear();
    return changes;
  }

  boolean isShared() {
    return place.shared();
  }

  /// Whether nobody else can have changed a wallet since it was read, or it was read just now.
  boolean isCertain(WalletId id) {
    return !place.shared() || certain.contains(id);
  }

  boolean knows(WalletId id) {
    return wallets.containsKey(id);
  }

  Wallet wallet(WalletId id) {
    Wallet wallet = wallets.get(id);
    if (wallet == null) {
      wallet = Wallet.of(id, rows.lots(id));
      wallets.put(id, wallet);
      certain.add(id);
    }
    return wallet;
  }

  /// As [#certain], read once more: something else told of a lot that was not there before.
  Wallet again(WalletId id) {
    certain.remove(id);
    return certain(id);
  }

  /// A wallet with its rows as they are, and what this batch has done to it so far.
  Wallet certain(WalletId id) {
    if (isCertain(id)) {
      return wallet(id);
    }
    Wallet stored = Wallet.of(id, rows.lots(id));
    Wallet before = changes.walletsBefore.get(id);
    Wallet now = wallets.get(id);
    Wallet fresh = before == null || now == null ? stored : stored.moved(before, now);
    if (before != null) {
      changes.walletsBefore.put(id, stored);
    }
    wallets.put(id, fresh);
    certain.add(id);
    return fresh;
  }

  /// A wallet in which a hold has its legs.
  Wallet wallet(WalletId id, List<Leg> legs) {
    Wallet wallet = wallet(id);
    for (Leg leg : legs) {
      if (wallet.find(leg.lot()) == null) {
        return certain(id);
      }
    }
    return wallet;
  }

  /// Takes over wallets that were read for this batch. Before anything is decided.
  void load(Map<WalletId, List<LotState>> read) {
    read.forEach((id, lots) -> wallets.put(id, Wallet.of(id, lots)));
    certain.addAll(read.keySet());
  }

  /// Takes over what a lot came to by the batch that was just written.
  void seen(WalletId id, LotState.Figures figures) {
    Wallet wallet = wallets.get(id);
    LotState lot = wallet == null ? null : wallet.find(figures.id());
    if (wallet != null && lot != null) {
      wallets.put(id, wallet.with(lot.with(figures)));
    }
  }

  void forget(Collection<WalletId> some) {
    some.forEach(wallets::remove);
  }

  void put(Wallet after) {
    Wallet before = wallets.put(after.id(), after);
    if (before != null) {
      changes.walletsBefore.putIfAbsent(after.id(), before);
    }
  }

  /// @return the hold as it stands in this batch, or null
  @Nullable OpenHold open(CallId id) {
    OpenHold hold = open.get(id);
    return hold == null ? foreign.get(id) : hold;
  }

  /// The same, also where another node opened it.
  @Nullable OpenHold open(WalletId wallet, CallId id) {
    OpenHold hold = open(id);
    return hold == null && isForeign(id) && endings.get(id) == null
        ? rows.openHold(wallet, id)
        : hold;
  }

  /// The same, but not where another node ended it meanwhile: for repeats, which are rare.
  @Nullable OpenHold stillOpen(WalletId wallet, CallId id) {
    OpenHold hold = open(wallet, id);
    if (hold == null || !place.shared() || changes.hasBegun(id)) {
      return hold;
    }
    if (rows.openHold(hold.wallet(), id) == null) {
      open.remove(id);
      endings.forget(id);
      return null;
    }
    return hold;
  }

  private boolean isForeign(CallId id) {
    return place.shared() && ReservedIds.madeBy(id.value()) != place.node();
  }

  /// All open holds of this node.
  List<OpenHold> openHolds() {
    return List.copyOf(open.values());
  }

  /// Open holds whose deadline is before a time.
  List<OpenHold> overdue(long beforeMicros) {
    List<OpenHold> overdue = new ArrayList<>();
    for (OpenHold hold : open.values()) {
      if (hold.deadlineMicros() < beforeMicros) {
        overdue.add(hold);
      }
    }
    return overdue;
  }

  int openCount() {
    return open.size();
  }

  /// @return how the call ended, or null when it has not
  @Nullable Ended ended(WalletId wallet, CallId id) {
    Ended ended = endings.get(id);
    return ended == null && (endings.mayHaveEnded(id) || isForeign(id))
        ? rows.ended(wallet, id)
        : ended;
  }

  void hold(OpenHold hold) {
    open.put(hold.id(), hold);
    changes.begun.add(hold);
  }

  void mark(OpenHold hold, OpenHold.Mark mark) {
    changes.marksBefore.putIfAbsent(hold.id(), hold);
    (isForeign(hold.id()) ? foreign : open).put(hold.id(), hold.marked(mark));
  }

  void end(Changes.Finished row) {
    OpenHold hold = row.hold();
    open.remove(hold.id());
    foreign.remove(hold.id());
    endings.put(
        hold.id(), new Ended(hold.wallet(), hold.held(), hold.print(), hold.ref(), row.ending()));
    changes.finished.add(row);
  }

  /// Takes everything back that was changed since [#begin]; wallets are read afresh.
  void undo() {
    forget(changes.walletsBefore.keySet());
    for (Changes.Finished row : changes.finished) {
      endings.remove(row.hold().id());
      if (!isForeign(row.hold().id())) {
        open.put(row.hold().id(), row.hold());
      }
    }
    changes.marksBefore.forEach(
        (id, hold) -> {
          if (!isForeign(id)) {
            open.put(id, hold);
          }
        });
    for (OpenHold hold : changes.begun) {
      open.remove(hold.id());
    }
  }

  /// Forgets holds that a failed batch wanted to end and that are open no more: another node ended
  /// them.
  void verify(Changes failed) {
    for (Changes.Finished row : failed.finished) {
      OpenHold hold = row.hold();
      if (open.containsKey(hold.id()) && rows.openHold(hold.wallet(), hold.id()) == null) {
        open.remove(hold.id());
        endings.forget(hold.id());
      }
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
