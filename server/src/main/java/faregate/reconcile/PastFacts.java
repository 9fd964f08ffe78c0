package faregate.reconcile;

import faregate.id.OfferId;
import faregate.id.TokenId;
import faregate.id.UserId;
import faregate.ledger.History.PastCall;
import faregate.tariff.Quantities;
import faregate.usage.Facts;
import faregate.usage.FactsCodec;
import faregate.usage.Stamp;

/// What is known of a call that has ended.
final class PastFacts {
  private PastFacts() {}

  /// The facts of a call. Where the node died before it could note any, and where what it noted
  /// cannot be read, they are what was stamped on the hold.
  static Facts read(PastCall call) {
    if (call.facts().length > 0) {
      try {
        return FactsCodec.decode(call.facts());
      } catch (IllegalArgumentException | ArithmeticException _) {
        return stamped(call);
      }
    }
    return stamped(call);
  }

  private static Facts stamped(PastCall call) {
    Stamp stamp = Stamp.parse(call.ref());
    return new Facts(
        new TokenId(1),
        new UserId(1),
        stamp.model(),
        new OfferId(stamp.provider(), stamp.model()),
        stamp.tariffVersion(),
        Quantities.NONE,
        false,
        "",
        "",
        0,
        -1,
        0);
  }

  /// The id by which the provider bills the call; empty where it told none.
  static String request(Facts facts) {
    String reference = facts.payment().billingReference();
    return reference.isEmpty() ? facts.providerRequestId() : reference;
  }
}
