package faregate.hub;

import faregate.id.WalletId;
import faregate.identity.MonthlyGrant;
import faregate.ledger.Credit;
import faregate.ledger.LedgerReads.Lot;
import faregate.money.Nanos;
import java.time.YearMonth;

/// A wallet and what it has.
record Purse(WalletId wallet, Credit credit) {

  /// What the tier granted for a month.
  Nanos included(YearMonth month) {
    String ref = MonthlyGrant.refOf(wallet, month);
    return Credit.sum(
        credit.lots().stream()
            .filter(lot -> lot.ref().equals(ref) || lot.ref().startsWith(ref + ":"))
            .toList(),
        Lot::granted);
  }

  long nowMicros() {
    return credit.nowMicros();
  }
}
