package faregate.gateway;

import faregate.catalog.Offer;
import faregate.http.Problem;
import faregate.identity.Caller;
import faregate.limit.RateLimits;
import faregate.limit.RateLimits.Verdict;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Whether a call may be made, where somebody bounds how many may be made in an hour: its token's
/// owner, or a provider for a tier. A provider whose bound is used up is passed over; a call on a
/// key of the payer's own is no affair of ours.
///
/// Whoever is bounded is told so in each answer, by the headers that the Hub's clients read.
final class Admission {
  private static final CharSequence RATE_LIMIT = HttpHeaders.createOptimized("RateLimit");
  private static final CharSequence POLICY = HttpHeaders.createOptimized("RateLimit-Policy");

  private final Call call;
  private @Nullable Verdict told;

  Admission(Call call) {
    this.call = call;
  }

  /// Whether the token is bounded.
  boolean isTokenBounded() {
    return call.caller().requestsPerHour() > 0;
  }

  /// Whether the provider of an offer is bounded for who pays.
  boolean isBounded(Offer offer) {
    return perHour(offer) > 0;
  }

  private long perHour(Offer offer) {
    return offer.isOnOwnKey()
        ? 0
        : call.rooms().rates().rules().get().perHour(offer.provider(), call.caller().tier().text());
  }

  /// Counts the call against its token's bound.
  ///
  /// @param refused takes what stands in the way
  void token(Runnable allowed, Consumer<Problem> refused) {
    Caller caller = call.caller();
    take(
        "token " + caller.token().value(),
        caller.requestsPerHour(),
        verdict -> {
          if (verdict.allowed()) {
            allowed.run();
          } else {
            refused.accept(
                refusal(
                    verdict,
                    "This token may make %d requests an hour, and has made them"
                        .formatted(verdict.perHour())));
          }
        },
        refused);
  }

  /// Looks for the first offer whose provider may be asked once more, and counts it there.
  ///
  /// @param found takes it
  /// @param none takes what stands in the way of all
  void first(List<Offer> offers, Consumer<Offer> found, Consumer<Problem> none) {
    Offer offer = offers.getFirst();
    long perHour = perHour(offer);
    if (perHour == 0) {
      found.accept(offer);
      return;
    }
    take(
        "provider " + offer.provider() + " user " + call.caller().user().value(),
        perHour,
        verdict -> {
          if (verdict.allowed()) {
            found.accept(offer);
          } else if (offers.size() > 1) {
            first(offers.subList(1, offers.size()), found, none);
          } else {
            none.accept(used(offer, verdict));
          }
        },
        none);
  }

  private Problem used(Offer offer, Verdict verdict) {
    return refusal(
            verdict,
            "Accounts of the tier %s may make %d requests an hour at the provider %s, and you have made them"
                .formatted(call.caller().tier().text(), verdict.perHour(), offer.provider()))
        .withField("provider", offer.provider());
  }

  private static Problem refusal(Verdict verdict, String sentence) {
    return Problem.of(
            429,
            "rate_limit_exceeded",
            sentence + ". Try again in " + verdict.resetSeconds() + " s.")
        .withRetryAfter(verdict.resetSeconds());
  }

  private void take(String who, long perHour, Consumer<Verdict> next, Consumer<Problem> failed) {
    RateLimits limits = call.rooms().rates().limits();
    if (!limits.isBlocking()) {
      next.accept(tell(limits.take(who, perHour)));
      return;
    }
    Future<Verdict> taken =
        call.visit()
            .context()
            .executeBlocking(() -> limits.take(who, perHour), false)
            .map(Objects::requireNonNull);
    taken.onSuccess(verdict -> next.accept(tell(verdict)));
    // Where the database does not count, it does not hold either.
    taken.onFailure(_ -> failed.accept(Refusals.ledgerUnavailable()));
  }

  /// The nearest bound is told, where there are two.
  private Verdict tell(Verdict verdict) {
    Verdict before = told;
    if (!call.visit().isOver() && (before == null || verdict.left() <= before.left())) {
      told = verdict;
      call.visit()
          .response()
          .putHeader(RATE_LIMIT, "\"api\";r=" + verdict.left() + ";t=" + verdict.resetSeconds())
          .putHeader(
              POLICY,
              "\"fixed window\";\"api\";q="
                  + verdict.perHour()
                  + ";w="
                  + RateLimits.WINDOW.toSeconds());
    }
    return verdict;
  }
}
