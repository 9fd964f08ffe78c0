package faregate.reconcile;

import faregate.id.OfferId;
import faregate.id.TokenId;
import faregate.id.UserId;
import faregate.tariff.Quantities;
import faregate.usage.Facts;
import faregate.usage.FactsCodec;

/// What is known of a call that has ended.
final class PastFacts {
  private static final Facts NOTHING =
      new Facts(
          new TokenId(1),
          new UserId(1),
          "",
          new OfferId("", ""),
          "",
          Quantities.NONE,
          false,
          "",
          "",
          0,
          -1,
          0);

  private PastFacts() {}

  /// @param facts empty where the node died before it could tell anything
  static Facts read(byte[] facts) {
    return facts.length == 0 ? NOTHING : FactsCodec.decode(facts);
  }

  /// The id by which the provider bills the call; empty where it told none.
  static String request(Facts facts) {
    String reference = facts.payment().billingReference();
    return reference.isEmpty() ? facts.providerRequestId() : reference;
  }
}
