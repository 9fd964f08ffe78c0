package faregate.usage;

import faregate.id.OfferId;
import faregate.id.TokenId;
import faregate.id.UserId;
import faregate.money.Nanos;
import faregate.tariff.Quantities;
import java.util.List;

/// What is kept of a call beside its money. No prompt, no completion, no secret.
///
/// @param model as asked for, without its suffix
/// @param tariffVersion the prices that the charge was made with
/// @param quantities what was consumed
/// @param session `X-HF-Session-id`, empty where there is none
/// @param providerRequestId the provider's own id of the call, empty where it told none
/// @param startedMicros ledger time
/// @param firstByteMillis from dispatch to the first byte of the answer; -1 where there was none
/// @param durationMillis from the request to its end
/// @param course in what way it came to its end, a short code; empty where the answer came whole,
///   and where nobody was there to see
/// @param exposed attempts that told nothing and may have been billed all the same
/// @param payment who pays whom, where that is not the usual way
public record Facts(
    TokenId token,
    UserId user,
    String model,
    OfferId offer,
    String tariffVersion,
    Quantities quantities,
    boolean stream,
    String session,
    String providerRequestId,
    long startedMicros,
    int firstByteMillis,
    int durationMillis,
    String course,
    List<Exposed> exposed,
    Payment payment) {

  public Facts {
    exposed = List.copyOf(exposed);
  }

  /// Facts of a call of which only this much is known.
  public Facts(
      TokenId token,
      UserId user,
      String model,
      OfferId offer,
      String tariffVersion,
      Quantities quantities,
      boolean stream,
      String session,
      String providerRequestId,
      long startedMicros,
      int firstByteMillis,
      int durationMillis) {
    this(
        token,
        user,
        model,
        offer,
        tariffVersion,
        quantities,
        stream,
        session,
        providerRequestId,
        startedMicros,
        firstByteMillis,
        durationMillis,
        "",
        List.of(),
        Payment.USUAL);
  }

  /// Facts of a call that is paid in the usual way.
  public Facts(
      TokenId token,
      UserId user,
      String model,
      OfferId offer,
      String tariffVersion,
      Quantities quantities,
      boolean stream,
      String session,
      String providerRequestId,
      long startedMicros,
      int firstByteMillis,
      int durationMillis,
      String course,
      List<Exposed> exposed) {
    this(
        token,
        user,
        model,
        offer,
        tariffVersion,
        quantities,
        stream,
        session,
        providerRequestId,
        startedMicros,
        firstByteMillis,
        durationMillis,
        course,
        exposed,
        Payment.USUAL);
  }

  /// The same call, paid in another way.
  public Facts with(Payment other) {
    return new Facts(
        token,
        user,
        model,
        offer,
        tariffVersion,
        quantities,
        stream,
        session,
        providerRequestId,
        startedMicros,
        firstByteMillis,
        durationMillis,
        course,
        exposed,
        other);
  }

  /// Who pays whom.
  ///
  /// @param byok whether the caller's own key was used, so that the provider bills them and we
  ///   charge nothing
  /// @param account the account of the user who spent, where an organization pays; 0 where they pay
  ///   themselves
  /// @param billingReference the id by which the provider bills the call, where it differs from
  ///   `providerRequestId`; else empty
  /// @param group the resource group in whose name it was made; 0 for none
  public record Payment(boolean byok, long account, String billingReference, long group) {
    public static final Payment USUAL = new Payment(false, 0, "", 0);

    public Payment {
      if (account < 0 || group < 0) {
        throw new IllegalArgumentException(
            "accounts and groups are 0 or more, not " + account + " and " + group);
      }
    }
  }

  /// An attempt of which nobody knows whether the provider bills it.
  ///
  /// @param bound the most that it can be billed
  public record Exposed(OfferId offer, Nanos bound) {}
}
