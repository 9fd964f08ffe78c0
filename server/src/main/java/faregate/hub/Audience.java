package faregate.hub;

import faregate.id.WalletId;
import faregate.identity.Payer;
import faregate.ledger.LedgerReads;
import faregate.ledger.LedgerReads.Lot;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/// Those who listen to one payer's figures.
///
/// A look asks whether each listener still may listen, and reads the payer's lots; where they moved
/// it makes the figures anew, and tells those to whom they are new. A call that costs nothing moves
/// no lot, so every fifth look makes the figures in any case. Listeners come and go on event loops;
/// the rest belongs to the one thread that looks.
final class Audience {
  private static final int LOOKS_TO_FIGURES = 5;

  private final WalletId wallet;
  private final Billing billing;
  private final LedgerReads ledger;
  private final List<Listener> listeners = new CopyOnWriteArrayList<>();

  /// Those who listen, or are about to. Guarded by who gives the seats.
  int seats;

  private List<Lot> lots = List.of();
  private @Nullable InferenceUse figures;
  private int looks;

  Audience(WalletId wallet, Billing billing, LedgerReads ledger) {
    this.wallet = wallet;
    this.billing = billing;
    this.ledger = ledger;
  }

  WalletId wallet() {
    return wallet;
  }

  void add(Listener listener) {
    listeners.add(listener);
  }

  void remove(Listener listener) {
    listeners.remove(listener);
  }

  boolean isEmpty() {
    return listeners.isEmpty();
  }

  /// Blocks. Throws when the figures cannot be had.
  void look() {
    Payer payer = null;
    for (Listener listener : listeners) {
      Payer entitled = listener.payer();
      payer = entitled == null ? payer : entitled;
    }
    if (payer != null) {
      InferenceUse now = figures(payer);
      listeners.forEach(listener -> listener.tell(now, billing));
    }
  }

  private InferenceUse figures(Payer payer) {
    List<Lot> moved = ledger.lots(wallet);
    InferenceUse known = figures;
    if (known != null && moved.equals(lots) && ++looks < LOOKS_TO_FIGURES) {
      return known;
    }
    looks = 0;
    InferenceUse now = billing.thisMonth(payer);
    figures = now;
    lots = moved;
    return now;
  }
}
