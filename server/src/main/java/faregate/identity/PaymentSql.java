package faregate.identity;

import faregate.id.WalletId;
import org.jdbi.v3.core.Handle;

/// The statements about whose a payment is. The ledger's references are unique in a wallet only.
final class PaymentSql {
  private PaymentSql() {}

  /// @return false when it is somebody's already
  static boolean claim(Handle handle, String ref, WalletId wallet) {
    return handle.execute(
            "INSERT INTO payment (ref, wallet) VALUES (?, ?) ON CONFLICT (ref) DO NOTHING",
            ref,
            wallet.value())
        == 1;
  }

  static WalletId owner(Handle handle, String ref) {
    return new WalletId(
        handle
            .createQuery("SELECT wallet FROM payment WHERE ref = :ref")
            .bind("ref", ref)
            .mapTo(Long.class)
            .one());
  }

  static int unclaim(Handle handle, String ref, WalletId wallet) {
    return handle.execute("DELETE FROM payment WHERE ref = ? AND wallet = ?", ref, wallet.value());
  }
}
