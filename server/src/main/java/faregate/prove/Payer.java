package faregate.prove;

import java.util.List;

/// Somebody who calls: a wallet and the tokens that spend from it.
///
/// @param wallet index among the wallets
/// @param size how much it was given
record Payer(int wallet, Size size, List<String> tokens) {
  /// How much a wallet was given.
  enum Size {
    /// Many call on it at once, as an organization's people do.
    HOT,
    MIDDLE,
    /// Runs out of credit in the course of the proof.
    SMALL
  }
}
