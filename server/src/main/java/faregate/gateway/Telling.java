package faregate.gateway;

import faregate.dialect.UsageText;
import faregate.http.Envelope;
import faregate.http.Problem;
import faregate.http.Visit;
import faregate.tariff.Quantities;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What the client of one call is told: a whole answer, a stream and its end, or a refusal. Knows
/// whether anybody is still listening.
final class Telling {
  private static final Logger LOG = LoggerFactory.getLogger(Telling.class);
  private static final String SURFACE = "chat";

  /// Of a shorter answer the time is mostly that before the first token.
  private static final int PACE_TOKENS_LEAST = 32;

  /// Of an answer that came whole, nobody knows when its first token was there.
  private static final long UNKNOWN = -1;

  private final Call call;
  private final Till till;
  private final Visit visit;
  private boolean left;

  Telling(Call call, Till till) {
    this.call = call;
    this.till = till;
    this.visit = call.visit();
    this.left = visit.response().closed();
  }

  /// Notes that the client went.
  void leave() {
    left = true;
  }

  boolean hasLeft() {
    return left;
  }

  /// Whether the answer is written to its end.
  boolean isDone() {
    return visit.response().ended();
  }

  // ---- whole ----

  void whole(Attempt served, Reception.Whole whole, Receipt.Bill bill) {
    call.rooms().health().succeeded(served.offer().id(), UNKNOWN, 0);
    measured(200);
    if (!visit.isOver()) {
      AnswerHead.whole(
          visit.response(),
          whole.headers(),
          served.provider().slug(),
          till.held(),
          till.outputLimit(),
          bill.cost());
      visit.answerJson(200, whole.answer().withCost(bill.cost(), bill.quantities()));
    }
  }

  // ---- stream ----

  /// Writes the head of a stream and lets it flow; or lets it run dry, if nobody listens.
  void begin(Attempt served, Reception.Stream stream) {
    if (visit.isOver()) {
      stream.delivery().drain();
      return;
    }
    AnswerHead.stream(
        visit.response(),
        stream.headers(),
        served.provider().slug(),
        till.held(),
        till.outputLimit());
    stream.delivery().bind(visit.chunks());
  }

  /// The last of a stream, now that its charge is committed.
  ///
  /// @param cut why we broke it off; null where it was the provider
  void end(
      Attempt served, Delivery delivery, Course.End end, Receipt.Bill bill, @Nullable Problem cut) {
    measured(200);
    served.letGo(visit.context().owner());
    switch (end) {
      case COMPLETED, ERROR_FINISH -> {
        call.rooms()
            .health()
            .succeeded(served.offer().id(), call.record().firstByteMillis(), pace(served));
        delivery.finish(bill.cost(), () -> usageChunk(bill));
      }
      case BROKE -> {
        Problem problem = cut == null ? Refusals.brokeOff(served.provider().slug()) : cut;
        delivery.fail(error(problem.withField("cost_nano_usd", bill.cost().value())));
      }
      case CLIENT_LEFT, CLIENT_LEFT_DRAINED, NO_ANSWER -> {}
    }
  }

  private String usageChunk(Receipt.Bill bill) {
    return UsageText.chunk(
        visit.id().text(),
        call.record().model(),
        call.rooms().clock().micros() / 1_000_000,
        bill.quantities(),
        bill.estimated(),
        bill.cost());
  }

  private double pace(Attempt served) {
    Delivery delivery = served.delivery();
    Quantities told = delivery == null ? null : delivery.reported();
    long tokens = told == null ? call.delivered().outputTokensLeast() : told.answerTokens();
    return pace(tokens, served.millis());
  }

  /// Tokens per second of a stream, from its dispatch on: many send what they have made in bursts,
  /// and from the first of those on the rate would be any. 0 when it was too short to tell.
  static double pace(long tokens, long millis) {
    return tokens < PACE_TOKENS_LEAST || millis <= 0 ? 0 : tokens * 1_000.0 / millis;
  }

  // ---- refusals ----

  /// @param attempt the last that was made; null where it did not come to that
  void refuse(Problem problem, @Nullable Attempt attempt) {
    measured(problem.status());
    Delivery begun = attempt == null ? null : attempt.delivery();
    if (begun != null && visit.response().headWritten()) {
      begun.fail(error(problem));
      return;
    }
    if (attempt != null && !visit.isOver()) {
      AnswerHead.refusal(visit.response(), attempt.provider().slug(), till.held());
    }
    visit.fail(problem);
  }

  /// A fault of our own: 500, or an error event where a stream has begun.
  void fail(Throwable bug, @Nullable Attempt attempt) {
    Delivery begun = attempt == null ? null : attempt.delivery();
    if (begun != null && visit.response().headWritten()) {
      LOG.error("call {} failed in mid-stream", visit.id(), bug);
      begun.fail(error(Problem.internal()));
    } else {
      visit.fail(bug);
    }
    measured(500);
  }

  private byte[] error(Problem problem) {
    return Envelope.OPENAI.wrap(problem.withField("request_id", visit.id().text()));
  }

  private void measured(int status) {
    call.rooms().meters().answered(SURFACE, left ? 499 : status, call.record().millis() * 1_000);
  }
}
