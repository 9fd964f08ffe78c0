/// Who may ask: users, their access tokens, the wallet that each owns, and what a tier is entitled
/// to.
///
/// - [faregate.identity.Identities] is the entry: commands for people and operators, and the
///   look-up of a token for the data path.
/// - [faregate.identity.KnownTokens] answers look-ups from memory; a miss is answered by one thread
///   that first hears of every change, so that a revoked token dies within a second on every node.
/// - [faregate.identity.MonthlyGrant] says what a wallet is entitled to this month. Whether it was
///   granted is the ledger's to know.
///
/// A secret is hashed before anything else happens to it. No row, log or error contains one. This
/// package must never know what a call costs or what is left in a wallet.
@NullMarked
package faregate.identity;

import org.jspecify.annotations.NullMarked;
