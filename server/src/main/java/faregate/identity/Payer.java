package faregate.identity;

import faregate.id.UserId;
import faregate.id.WalletId;
import java.util.List;

/// An account whose wallet pays: a user, or an organization.
///
/// @param account of the user or the organization
/// @param tierNumber of the change that gave it its tier; 0 where it has had no other one
/// @param seats how many its monthly grant is for; 1 for a user
/// @param limits those that count for the call at hand
public record Payer(
    UserId account,
    String name,
    boolean isOrganization,
    WalletId wallet,
    Tier tier,
    long tierNumber,
    long seats,
    List<Limit> limits) {

  public Payer {
    limits = List.copyOf(limits);
  }

  Payer with(List<Limit> others) {
    return new Payer(account, name, isOrganization, wallet, tier, tierNumber, seats, others);
  }
}
