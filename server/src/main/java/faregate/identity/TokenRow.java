package faregate.identity;

import java.util.List;
import org.jdbi.v3.core.Handle;

/// A token with its owner, as the database has it.
///
/// @param tierNumber of the change that gave the owner their tier
/// @param payer who pays where a request names nobody; empty for the owner
record TokenRow(TokenDigest digest, Token token, User owner, long tierNumber, String payer) {

  /// The same token with what another row of it says it is for.
  TokenRow joined(TokenRow other) {
    return new TokenRow(digest, token.joined(other.token), owner, tierNumber, payer);
  }

  /// With all accounts that may pay for it, as they stand now.
  Caller caller(Handle handle) {
    List<Limit> limits =
        PayerSql.limits(handle, owner.wallet(), owner.id().value(), token.id().value(), List.of());
    return new Caller(
        token.id(),
        owner.id(),
        owner.name(),
        token.permissions(),
        token.scopes(),
        token.expiresMicros(),
        token.clampOutput(),
        new Payer(
            owner.id(), owner.name(), false, owner.wallet(), owner.tier(), tierNumber, 1, limits),
        PayerSql.memberships(handle, owner.id(), token.id()),
        payer,
        token.requestsPerHour(),
        0);
  }
}
