package faregate.prove;

import java.util.List;

/// All that was written down, when everything is quiet again: by the clients, by the providers, by
/// the ledger, and by the proof itself.
///
/// @param wallets who pays, by index
/// @param rows ended calls
/// @param lots of all wallets
/// @param openHolds holds that were open past their grace
/// @param unserved wallets that were refused a call at the end although they had the credit
/// @param auditFinding what `audit` found wrong; empty for nothing
record Books(
    List<WalletBook> wallets,
    List<CallNote> notes,
    List<BillLine> bills,
    List<Row> rows,
    List<LotRow> lots,
    List<Mishap> mishaps,
    long openHolds,
    List<String> unserved,
    String auditFinding) {

  /// A wallet and what the proof itself gave it.
  ///
  /// @param id of the wallet
  /// @param bought in nano-USD
  /// @param monthly what its tier brings each month, in nano-USD
  /// @param months how many months the run touched
  record WalletBook(String name, long id, long bought, long monthly, int months) {
    /// All it was ever given.
    long given() {
      return Math.addExact(bought, Math.multiplyExact(monthly, months));
    }
  }
}
