package faregate.http;

import faregate.id.CallId;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Leads each request of one event loop to its handler, and answers those that have none.
final class Dispatcher {
  private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);
  private static final Problem NAMELESS =
      Problem.of(
              500,
              "ids_unavailable",
              "This request cannot be given an id, since the database does not answer; try again")
          .withRetryAfter(2);
  private static final long SAY_AGAIN_NANOS = 1_000_000_000;

  private final Context context;
  private final ServerSettings settings;
  private final Routes routes;
  private final Supplier<CallId> ids;
  private final Sweep sweep;
  private final EventStreams streams;
  private final Semaphore blocking;
  private final BodyMemory bodies;
  private long saidNanos;

  /// @param streams of the same loop
  /// @param blocking a permit for each blocking handler that may run, on all loops together
  /// @param bodies memory of all loops together
  Dispatcher(
      Vertx vertx,
      ServerSettings settings,
      Routes routes,
      Supplier<CallId> ids,
      Sweep sweep,
      EventStreams streams,
      Semaphore blocking,
      BodyMemory bodies) {
    this.streams = streams;
    this.bodies = bodies;
    this.blocking = blocking;
    this.context = vertx.getOrCreateContext();
    this.settings = settings;
    this.routes = routes;
    this.ids = ids;
    this.sweep = sweep;
    this.saidNanos = sweep.now() - SAY_AGAIN_NANOS;
  }

  void dispatch(HttpServerRequest request) {
    CallId id = id();
    if (id == null) {
      Visit.refuse(request, context, NAMELESS);
      routes.traffic().answered("", NAMELESS.status(), 0);
      return;
    }
    Visit visit = new Visit(request, context, id, settings, sweep, bodies);
    try {
      request.pause();
      lead(visit);
    } catch (RuntimeException failure) {
      visit.fail(failure);
    }
  }

  /// The id of a request; null where none can be had, and nothing could be written under its name.
  private @Nullable CallId id() {
    try {
      return ids.get();
    } catch (RuntimeException e) {
      long now = sweep.now();
      if (now - saidNanos >= SAY_AGAIN_NANOS) {
        saidNanos = now;
        LOG.warn("requests are refused, for there are no ids: {}", String.valueOf(e.getMessage()));
      }
      return null;
    }
  }

  private void lead(Visit visit) {
    HttpServerRequest request = visit.request();
    if (HttpMethod.OPTIONS.equals(request.method())) {
      preflight(visit);
      return;
    }
    Routes.Match match =
        routes.find(request.method(), Objects.requireNonNullElse(request.path(), ""));
    tell(
        visit, match instanceof Routes.Match.Found found ? found.route().pattern().toString() : "");
    switch (match) {
      case Routes.Match.Found(Route route, _) when !route.door().test(visit) -> nothing(visit);
      case Routes.Match.Found(Route route, var parameters) -> {
        visit.parameters(parameters);
        switch (route.handling()) {
          case Handling.OnLoop handler -> handler.handle(visit);
          case Handling.Blocking handler ->
              visit
                  .body(Handling.Blocking.BODY_BYTES_MAX)
                  .onComplete(
                      body -> runBlocking(visit, answering(visit, handler, body)), visit::fail);
          case Handling.Streaming handler ->
              visit
                  .body(Handling.Blocking.BODY_BYTES_MAX)
                  .onComplete(
                      _ -> runBlocking(visit, streaming(visit, route, handler)), visit::fail);
        }
      }
      case Routes.Match.WrongMethod(List<String> allowed) ->
          visit.fail(
              Problem.of(
                      405,
                      "method_not_allowed",
                      "Cannot "
                          + request.method()
                          + " "
                          + request.path()
                          + "; it takes "
                          + String.join(", ", allowed))
                  .withHeader("allow", String.join(", ", allowed)));
      case Routes.Match.Nothing() -> nothing(visit);
    }
  }

  private void tell(Visit visit, String pattern) {
    Traffic traffic = routes.traffic();
    HttpServerResponse response = visit.response();
    response.endHandler(
        _ -> {
          visit.ended();
          traffic.answered(pattern, response.getStatusCode(), visit.micros());
        });
  }

  private static void nothing(Visit visit) {
    HttpServerRequest request = visit.request();
    visit.fail(Problem.of(404, "not_found", "Cannot " + request.method() + " " + request.path()));
  }

  private Callable<Runnable> answering(Visit visit, Handling.Blocking handler, Buffer body) {
    return () -> {
      Answer answer = handler.handle(visit, body);
      return () -> visit.answer(answer);
    };
  }

  /// It may last for hours, so it is told of when it begins, and not when it ends.
  private Callable<Runnable> streaming(Visit visit, Route route, Handling.Streaming handler) {
    return () -> {
      Consumer<EventStream> begin = handler.open(visit);
      return () -> {
        visit.ended();
        visit.response().endHandler(null);
        routes.traffic().answered(route.pattern().toString(), 200, visit.micros());
        streams.open(visit, begin);
      };
    };
  }

  /// @param work runs on a thread of its own; what it returns, on the event loop
  private void runBlocking(Visit visit, Callable<Runnable> work) {
    if (!blocking.tryAcquire()) {
      visit.fail(
          Problem.of(429, "too_many_requests", "This server has its hands full; try again soon")
              .withRetryAfter(1));
      return;
    }
    Thread.ofVirtual()
        .name("visit-" + visit.id())
        .start(
            () -> {
              try {
                Runnable answer = work.call();
                context.runOnContext(_ -> finish(visit, answer));
              } catch (Exception | Error failure) {
                context.runOnContext(_ -> finish(visit, () -> visit.fail(failure)));
              } finally {
                blocking.release();
              }
            });
  }

  private static void finish(Visit visit, Runnable answer) {
    try {
      answer.run();
    } catch (RuntimeException | Error failure) {
      visit.fail(failure);
    }
  }

  /// Browsers ask before they send a token. Any origin may: tokens, not cookies, are what counts.
  private void preflight(Visit visit) {
    HttpServerRequest request = visit.request();
    String path = Objects.requireNonNullElse(request.path(), "");
    String methods =
        switch (routes.find(HttpMethod.OPTIONS, path)) {
          case Routes.Match.WrongMethod(List<String> allowed) -> String.join(", ", allowed);
          case Routes.Match.Found _, Routes.Match.Nothing _ -> "OPTIONS";
        };
    String wanted = request.getHeader(HttpHeaders.ACCESS_CONTROL_REQUEST_HEADERS);
    visit
        .response()
        .setStatusCode(204)
        .putHeader("allow", methods)
        .putHeader(HttpHeaders.ACCESS_CONTROL_ALLOW_METHODS, methods)
        .putHeader(
            HttpHeaders.ACCESS_CONTROL_ALLOW_HEADERS,
            wanted == null ? "*" : Envelope.headerText(wanted))
        .putHeader(HttpHeaders.ACCESS_CONTROL_MAX_AGE, "600");
    var _ = visit.response().end();
  }

  /// What could not be read as HTTP at all.
  void refuse(HttpServerRequest request) {
    Throwable cause = request.decoderResult().cause();
    CallId id = id();
    if (id == null) {
      var _ = request.connection().close();
      return;
    }
    Visit visit = new Visit(request, context, id, settings, sweep, bodies);
    visit.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    if (cause instanceof TooLongHttpHeaderException) {
      visit.fail(
          Problem.of(
              431,
              "headers_too_large",
              "The headers of this request are larger than the "
                  + settings.headerBytesMax()
                  + " bytes this server takes"));
    } else if (cause instanceof TooLongHttpLineException) {
      visit.fail(Problem.of(414, "uri_too_long", "The first line of this request is too long"));
    } else {
      visit.fail(Problem.badRequest("malformed_http", "This request is not well-formed HTTP"));
    }
  }
}
