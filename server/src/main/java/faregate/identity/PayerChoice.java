package faregate.identity;

/// Whether somebody may let another account pay.
public sealed interface PayerChoice {

  /// @param caller the same, paid by the account that was named
  record Paid(Caller caller) implements PayerChoice {}

  /// There is no such organization or resource group, or the user is not in it: which of the two is
  /// not told to strangers.
  record NotMember(String named) implements PayerChoice {}

  /// The user may spend of that account, but not with a token that is for others only.
  ///
  /// @param isOrganization else the account is the user's own
  record OutOfScope(String account, boolean isOrganization) implements PayerChoice {}

  /// A member, but not one who may spend.
  record MayNotSpend(String organization, Role role) implements PayerChoice {}
}
