package faregate.ledger;

import faregate.id.CallId;
import faregate.id.LotId;
import faregate.id.WalletId;
import faregate.money.Nanos;
import java.util.List;
import java.util.Optional;

/// What the ledger tells. Blocking; not for event loops. True as of the last commit.
public interface LedgerReads {
  /// All lots of a wallet, in order of use.
  List<Lot> lots(WalletId wallet);

  /// One call, open or ended.
  Optional<Call> call(CallId id);

  /// @return holds open now, of all wallets
  long holdsOpen();

  /// Goes through all rows, wallet by wallet, in short snapshots; fit for a serving node.
  AuditReport audit();

  record Lot(
      LotId id,
      LotKind kind,
      Nanos granted,
      Nanos pending,
      Nanos posted,
      long startsMicros,
      long expiresMicros,
      String ref) {}

  /// @param ended null while the hold is open
  /// @param facts as settled or marked last; empty where there are none
  record Call(
      CallId id,
      WalletId wallet,
      Nanos held,
      @org.jspecify.annotations.Nullable Ending ended,
      String ref,
      byte[] facts) {}

  /// @param wrong the first wrong row as a sentence, or null when all is well
  record AuditReport(
      long wallets,
      long lots,
      long holds,
      long finished,
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
