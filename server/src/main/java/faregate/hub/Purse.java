package faregate.hub;

import faregate.id.WalletId;
import faregate.identity.MonthlyGrant;
import faregate.ledger.Credit;
import faregate.ledger.LedgerReads.Lot;
import faregate.money.Nanos;
import java.time.YearMonth;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// A wallet and what it has, all of one moment.
///
/// @param limits lots of spending limits, which are no credit
record Purse(WalletId wallet, Credit credit, List<Lot> limits) {

  /// What the tier granted for a month.
  Nanos included(YearMonth month) {
    String ref = MonthlyGrant.refOf(wallet, month);
    return Credit.sum(
        credit.lots().stream()
            .filter(lot -> lot.ref().equals(ref) || lot.ref().startsWith(ref + ":"))
            .toList(),
        Lot::granted);
  }

  /// The lot of this month that has a reference.
  Optional<Lot> lot(String ref) {
    return Stream.concat(credit.lots().stream(), limits.stream())
        .filter(lot -> lot.ref().equals(ref))
        .findFirst();
  }

  long nowMicros() {
    return credit.nowMicros();
  }
}
