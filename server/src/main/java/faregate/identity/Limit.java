package faregate.identity;

import faregate.money.Nanos;

/// The most that may be spent of a wallet in a month (UTC).
///
/// @param subject id of the member, resource group or token that it is for; 0 for the others
/// @param amount 0 for nothing at all
/// @param number rises with each change of it: the one with the highest number counts
public record Limit(Scope scope, long subject, Nanos amount, long number) {

  /// Whose spending is limited.
  public enum Scope {
    /// What may be spent beyond all credit, and is billed later: pay-as-you-go.
    PAYG,
    /// The whole account.
    ACCOUNT,
    MEMBER,
    GROUP,
    TOKEN;

    /// As it is stored, and as references of lots have it.
    public String text() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }
}
