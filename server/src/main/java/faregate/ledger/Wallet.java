package faregate.ledger;

import faregate.id.LotId;
import faregate.id.WalletId;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// All lots of a wallet, in order of use, spending limits last. Immutable.
final class Wallet {
  /// What transfers may bring into one wallet, ever: some nine million USD, so that the sums of a
  /// thousand full wallets still fit.
  static final long BROUGHT_MAX = Long.MAX_VALUE >> 10;

  /// Grant, market, purchased, postpaid, limit; the soonest expiry first within each.
  private static final Comparator<LotState> ORDER_OF_USE =
      Comparator.comparing(LotState::kind)
          .thenComparingLong(LotState::expiresMicros)
          .thenComparingLong(lot -> lot.id().value());

  private final WalletId id;
  private final LotState[] lots;

  private Wallet(WalletId id, LotState[] lots) {
    this.id = id;
    this.lots = lots;
  }

  static Wallet of(WalletId id, Collection<LotState> lots) {
    LotState[] sorted = lots.toArray(LotState[]::new);
    Arrays.sort(sorted, ORDER_OF_USE);
    return new Wallet(id, sorted);
  }

  WalletId id() {
    return id;
  }

  int size() {
    return lots.length;
  }

  LotState lot(int index) {
    return lots[index];
  }

  List<LotState> lots() {
    return List.of(lots);
  }

  /// @return the lot, or null where the wallet has none of that id
  @Nullable LotState find(LotId lot) {
    for (LotState state : lots) {
      if (state.id().value() == lot.value()) {
        return state;
      }
    }
    return null;
  }

  /// @throws IllegalStateException when the wallet has no such lot: a leg that points nowhere
  LotState get(LotId lot) {
    LotState state = find(lot);
    if (state == null) {
      throw new IllegalStateException("wallet " + id + " has no lot " + lot + "; run audit");
    }
    return state;
  }

  /// What transfers may still bring; spending limits are no money and do not count.
  long room() {
    long room = BROUGHT_MAX;
    for (LotState lot : lots) {
      room -= lot.isLimit() ? 0 : lot.total();
    }
    return room;
  }

  /// The same wallet with one lot changed or added.
  Wallet with(LotState changed) {
    LotState[] next = lots.clone();
    for (int index = 0; index < next.length; index++) {
      if (next[index].id().value() == changed.id().value()) {
        next[index] = changed;
        return new Wallet(id, next);
      }
    }
    LotState[] longer = Arrays.copyOf(lots, lots.length + 1);
    longer[lots.length] = changed;
    Arrays.sort(longer, ORDER_OF_USE);
    return new Wallet(id, longer);
  }

  /// This wallet, as rows show it, with the difference between two older looks at it.
  ///
  /// @throws StaleException where the two do not go together: somebody was quicker
  Wallet moved(Wallet before, Wallet after) {
    Wallet moved = this;
    for (LotState lot : after.lots) {
      LotState old = before.find(lot.id());
      if (old == null) {
        moved = moved.with(lot);
      } else if (!lot.equals(old)) {
        LotState together = get(lot.id()).moved(old, lot);
        if (together.available() < 0 || together.pending() < 0 || together.posted() < 0) {
          throw new StaleException("lot " + lot.id() + " of wallet " + id);
        }
        moved = moved.with(together);
      }
    }
    return moved;
  }
}
