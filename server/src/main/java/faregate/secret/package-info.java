/// Keys that users and organizations have of their own for providers, encrypted.
///
/// - [faregate.secret.ProviderKeys] is the entry: it keeps the rows, and the open keys of this
///   process in memory, so that a call looks nothing up.
/// - [faregate.secret.Keyset] encrypts. Whoever has the database has nothing without it.
/// - [faregate.secret.OwnKeys] is what one account has.
///
/// An open key leaves this room as a [faregate.kit.Secret] only, which prints as `***`. This
/// package must never know what a provider is, who may set a key, or what a call costs.
@NullMarked
package faregate.secret;

import org.jspecify.annotations.NullMarked;
