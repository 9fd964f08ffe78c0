package faregate.gateway;

import faregate.catalog.Offer;
import faregate.dialect.BadRequest;
import faregate.http.Problem;
import faregate.identity.Caller;
import faregate.identity.Limit;
import faregate.identity.LookUp;
import faregate.identity.MonthlyGrant;
import faregate.identity.Payer;
import faregate.identity.PayerChoice;
import faregate.identity.Role;
import faregate.identity.Scope;
import faregate.identity.Tier;
import faregate.identity.TierSettings;
import faregate.ledger.HoldOutcome;
import faregate.money.Nanos;
import faregate.provider.Failure;
import faregate.routing.Refusal;
import java.time.YearMonth;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Every refusal of a call, in the field's words, with what a person needs next.
final class Refusals {
  /// Made once, since each call has it at hand.
  private static final Problem SETTLEMENT_PENDING =
      Problem.of(
              500,
              "settlement_pending",
              "The answer is complete, but its charge is not yet committed; the call's record will"
                  + " show the end")
          .withHeader("x-should-retry", "false");

  private Refusals() {}

  static Problem of(BadRequest bad) {
    Problem problem = Problem.badRequest("invalid_request", bad.sentence());
    String param = bad.param();
    return param == null ? problem : problem.withParam(param);
  }

  static Problem of(Refusal refusal) {
    Problem problem =
        Problem.of(refusal.status(), refusal.code(), refusal.message()).withParam("model");
    return refusal instanceof Refusal.Cooling cooling
        ? problem.withRetryAfter(cooling.retryAfterSeconds())
        : problem;
  }

  /// @return the refusal of a token that is not in force
  static Problem of(LookUp lookUp) {
    return switch (lookUp) {
      case LookUp.Unknown _, LookUp.Revoked _, LookUp.Expired _ ->
          Problem.of(401, "invalid_token", "Invalid credentials in Authorization header");
      case LookUp.Unavailable _ ->
          Problem.of(500, "identity_unavailable", "Tokens cannot be looked up at the moment")
              .withRetryAfter(1);
      case LookUp.Known _ -> throw new IllegalArgumentException("a token in force is not refused");
    };
  }

  static Problem noToken() {
    return Problem.of(401, "missing_token", "Invalid username or password.");
  }

  static Problem noPermission(Caller caller) {
    return Problem.of(
            403,
            "missing_permission",
            "This authentication method does not have sufficient permissions to call Inference"
                + " Providers on behalf of user "
                + caller.userName()
                + "; the token needs the permission "
                + Caller.INFERENCE
                + ". Make one that has it: ./faregate token create --user "
                + caller.userName()
                + " --permission "
                + Caller.INFERENCE)
        .withField("permission", Caller.INFERENCE);
  }

  /// Somebody names a payer who is not theirs to name, or names nobody with a token that is not for
  /// their own account. To charge the user instead would be worse than to refuse.
  static Problem mayNotBill(Caller caller, PayerChoice choice) {
    return switch (choice) {
      case PayerChoice.NotMember(String named) ->
          mayNotBill(
              "org " + named,
              caller.userName()
                  + " is in no organization or resource group of that name: ask an admin of it to"
                  + " be added, or leave out X-HF-Bill-To to pay yourself");
      case PayerChoice.MayNotSpend(String organization, Role role) ->
          mayNotBill(
              "org " + organization,
              "the role "
                  + role.text()
                  + " may not spend there: an admin of the organization can give another one");
      case PayerChoice.OutOfScope(String account, boolean isOrganization) ->
          mayNotBill(
                  (isOrganization ? "org " : "user ") + account,
                  "this token is for %s only: name whom it is for by X-HF-Bill-To, or make another one: ./faregate token create --user %s %s"
                      .formatted(
                          String.join(", ", caller.scopes().stream().map(Scope::name).toList()),
                          caller.userName(),
                          isOrganization ? "--org " + account : "--own"))
              .withField("permission", Caller.INFERENCE);
      case PayerChoice.Paid _ ->
          throw new IllegalArgumentException("a payer that was found is not refused");
    };
  }

  private static Problem mayNotBill(String whom, String tip) {
    return Problem.of(
        403,
        "missing_permission",
        "This authentication method does not have sufficient permissions to call Inference"
            + " Providers on behalf of "
            + whom
            + "; "
            + tip);
  }

  /// What a hold that was not made means for the client.
  ///
  /// @param ready what the payer has, to name the limit that is reached
  /// @param nowMicros ledger time, to tell when the month's credit comes anew
  static Problem of(HoldOutcome outcome, Caller caller, Allowance.Ready ready, long nowMicros) {
    return switch (outcome) {
      case HoldOutcome.Refused refused -> gone(refused, caller, ready, nowMicros);
      case HoldOutcome.StillHeld held ->
          Problem.of(
                  429,
                  "credit_held",
                  "Your credit is set aside for calls that are still running: "
                      + held.left()
                      + " is unspent, "
                      + held.held()
                      + " of it is held. Try again when they end.")
              .withRetryAfter(held.retryAfterSeconds())
              .withField("left_nano_usd", held.left().value())
              .withField("held_nano_usd", held.held().value());
      case HoldOutcome.Overloaded busy ->
          Problem.of(429, "overloaded", "This server has too many requests at the moment")
              .withRetryAfter(busy.retryAfterSeconds());
      case HoldOutcome.Unavailable _ -> ledgerUnavailable();
      case HoldOutcome.RepeatedKey before -> repeated(before);
      case HoldOutcome.Different _, HoldOutcome.Repeated _, HoldOutcome.Held _ ->
          throw new IllegalStateException("a fresh id was answered with " + outcome);
    };
  }

  /// The client's `Idempotency-Key` names a call that is open or was posted: it must not be made
  /// again, and what became of it is told instead.
  static Problem repeated(HoldOutcome.RepeatedKey before) {
    Nanos charge = before.charge();
    String state = charge == null ? "open" : "posted";
    String sentence =
        before.same()
            ? "This Idempotency-Key was used before: "
            : "This Idempotency-Key was used before with another request: ";
    String told =
        charge == null
            ? "call " + before.first() + " is still running. "
            : "call " + before.first() + " was answered and cost " + charge + ". ";
    String tip =
        before.same()
            ? "Nothing was sent. Use a new key for a new request."
            : "Nothing was sent. Give each request a key of its own.";
    Problem problem =
        Problem.of(
                409,
                before.same() ? "idempotency_key_repeated" : "idempotency_key_reused",
                sentence + told + tip)
            .withHeader("x-should-retry", "false")
            .withField("first_request_id", before.first().text())
            .withField("state", state)
            .withField("same_request", before.same());
    return charge == null ? problem : problem.withField("cost_nano_usd", charge.value());
  }

  private static Problem gone(
      HoldOutcome.Refused refused, Caller caller, Allowance.Ready ready, long nowMicros) {
    YearMonth next = MonthlyGrant.month(nowMicros).plusMonths(1);
    String sentence =
        refused.limit() == null
            ? goneSentence(caller, ready.settings())
            : limitSentence(ready.limits().get(refused.limit()), caller.payer());
    String tip = refused.limit() == null ? tip(caller, ready.settings()) : "";
    return Problem.of(
            402,
            "insufficient_credit",
            sentence
                + " Left: "
                + refused.left()
                + "; needed: "
                + refused.needed()
                + "; resets on "
                + next.atDay(1)
                + " (UTC)."
                + tip)
        .withField("left_nano_usd", refused.left().value())
        .withField("needed_nano_usd", refused.needed().value())
        .withField("resets_at", next.atDay(1) + "T00:00:00Z");
  }

  /// In the field's words, whole: of 2026 where credit can be bought, else those from before.
  private static String goneSentence(Caller caller, TierSettings settings) {
    if (caller.payer().isOrganization()) {
      return "The organization "
          + caller.payer().name()
          + " has used its monthly included credits and what it may spend beyond them.";
    }
    String more = caller.tier() == Tier.FREE ? proIsWorth(settings) : "";
    if (settings.mayBuy()) {
      return "You have depleted your monthly included credits. Purchase pre-paid credits to"
          + " continue using Inference Providers."
          + (more.isEmpty()
              ? ""
              : " Alternatively, subscribe to PRO to get " + more + " included usage.");
    }
    return "You have exceeded your monthly included credits for Inference Providers."
        + (more.isEmpty() ? "" : " Subscribe to PRO to get " + more + " monthly included credits.");
  }

  /// How much more the tier pro is granted than the free one, as the tiers are set: `20x more`, or
  /// `more` where it is no whole multiple; empty where it is granted no more.
  private static String proIsWorth(TierSettings settings) {
    long free = settings.monthly(Tier.FREE).value();
    long pro = settings.monthly(Tier.PRO).value();
    if (pro <= free) {
      return "";
    }
    return free > 0 && pro % free == 0 ? pro / free + "x more" : "more";
  }

  private static String tip(Caller caller, TierSettings settings) {
    if (caller.tier() == Tier.FREE) {
      return settings.mayBuy() ? "" : " Ask your operator for the pro tier or for more credit.";
    }
    return " Ask your operator to raise what may be spent beyond the credit, or for more credit.";
  }

  private static String limitSentence(@Nullable Limit limit, Payer payer) {
    String whose =
        limit == null
            ? "this call"
            : switch (limit.scope()) {
              case PAYG, ACCOUNT ->
                  (payer.isOrganization() ? "organization " : "user ") + payer.name();
              case MEMBER -> "this member of " + payer.name();
              case GROUP -> "this resource group of " + payer.name();
              case TOKEN -> "this token";
            };
    return "The monthly spending limit of " + whose + " is reached.";
  }

  /// What a failed attempt means for the client. What is wrong with a key of the caller's own is
  /// the caller's to mend; 401 would say that our token is bad.
  static Problem of(Offer offer, Failure failure) {
    boolean account =
        failure.kind() == Failure.Kind.ACCOUNT || failure.kind() == Failure.Kind.FORBIDDEN;
    if (!offer.isOnOwnKey() || !account) {
      return failure.problem();
    }
    String provider = offer.provider();
    return Problem.badRequest(
            "provider_key_refused",
            ("The provider %1$s refused your own key for it, or your account there has nothing"
                    + " left. Set another key, or delete it to have calls paid by your credit.")
                .formatted(provider))
        .withField("provider", provider);
  }

  /// Somebody's own keys are there and cannot be used: to charge a wallet instead would be worse
  /// than to refuse.
  static Problem ownKeysUnreadable(Set<String> providers) {
    return Problem.of(
            500,
            "provider_keys_unreadable",
            "Your own keys cannot be used by this server (for "
                + String.join(", ", new TreeSet<>(providers))
                + "); nothing was sent. Either it does not hear of changes for the moment: try"
                + " again. Or it cannot decrypt them: its operator must bring back the keyset, or"
                + " you set them anew.")
        .withRetryAfter(1);
  }

  static Problem ledgerUnavailable() {
    return Problem.of(500, "ledger_unavailable", "The ledger cannot be reached; nothing was sent")
        .withRetryAfter(1);
  }

  /// Media whose tokens neither the offer nor its context bounds.
  static Problem unbounded(String model) {
    return Problem.badRequest(
            "model_not_supported",
            "The media in this request cannot be priced for the model '"
                + model
                + "': its providers declare neither tokens per image nor a context length.")
        .withParam("messages");
  }

  /// A faster or a slower lane, at prices that no catalogue tells.
  static Problem tierUnpriced() {
    return Problem.badRequest(
            "service_tier_unpriced",
            "'service_tier' may be 'auto' or 'default': what providers charge for other tiers is"
                + " not known to this server. Leave it out, or set a key of your own for the"
                + " provider, which then bills you.")
        .withParam("service_tier");
  }

  static Problem settlementPending() {
    return SETTLEMENT_PENDING;
  }

  /// The provider died in the middle of an answer.
  static Problem brokeOff(String provider) {
    return Problem.of(
            502,
            "provider_broke_off",
            "The provider " + provider + " broke its answer off; what was delivered is charged")
        .withType("provider_error");
  }

  static Problem deadline() {
    return Problem.of(504, "deadline_exceeded", "The call took longer than this server allows");
  }

  /// In mid-answer this node lost touch with the database, or was declared dead.
  static Problem silenced() {
    return Problem.of(
        500,
        "node_silenced",
        "This server lost touch with its database and may not go on with the answer");
  }

  static Problem leftBehind() {
    return Problem.of(499, "client_left", "The client left");
  }
}
