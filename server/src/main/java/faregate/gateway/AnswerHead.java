package faregate.gateway;

import faregate.money.Nanos;
import faregate.provider.ResponseHeaders;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;

/// The head of an answer: who served it, what is held, what limit was sent, what it cost.
final class AnswerHead {
  private static final CharSequence PROVIDER = HttpHeaders.createOptimized("x-inference-provider");
  private static final CharSequence HELD = HttpHeaders.createOptimized("x-faregate-held-nano-usd");
  private static final CharSequence LIMIT = HttpHeaders.createOptimized("x-faregate-output-limit");
  private static final CharSequence COST = HttpHeaders.createOptimized("x-faregate-cost-usd");
  private static final CharSequence COST_NANO =
      HttpHeaders.createOptimized("x-faregate-cost-nano-usd");
  private static final CharSequence ACCEL = HttpHeaders.createOptimized("x-accel-buffering");
  private static final CharSequence EVENT_STREAM =
      HttpHeaders.createOptimized("text/event-stream; charset=utf-8");
  private static final CharSequence NO_CACHE = HttpHeaders.createOptimized("no-cache");
  private static final CharSequence NO = HttpHeaders.createOptimized("no");

  private AnswerHead() {}

  /// For an event stream; its cost is told at its end.
  static void stream(
      HttpServerResponse response,
      MultiMap upstream,
      String provider,
      Nanos held,
      long outputLimit) {
    common(response, upstream, provider, held, outputLimit);
    response
        .putHeader(HttpHeaders.CONTENT_TYPE, EVENT_STREAM)
        .putHeader(HttpHeaders.CACHE_CONTROL, NO_CACHE)
        .putHeader(ACCEL, NO);
  }

  /// For a refusal after somebody was asked.
  static void refusal(HttpServerResponse response, String provider, Nanos held) {
    response.putHeader(PROVIDER, provider).putHeader(HELD, Long.toString(held.value()));
  }

  /// For a whole answer.
  static void whole(
      HttpServerResponse response,
      MultiMap upstream,
      String provider,
      Nanos held,
      long outputLimit,
      Nanos cost) {
    common(response, upstream, provider, held, outputLimit);
    response.putHeader(COST, cost.usd()).putHeader(COST_NANO, Long.toString(cost.value()));
  }

  private static void common(
      HttpServerResponse response,
      MultiMap upstream,
      String provider,
      Nanos held,
      long outputLimit) {
    ResponseHeaders.copy(upstream, response.headers());
    response
        .putHeader(PROVIDER, provider)
        .putHeader(HELD, Long.toString(held.value()))
        .putHeader(LIMIT, Long.toString(outputLimit));
  }
}
