package faregate.http;

import faregate.id.CallId;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One request of a client, and the means to answer it. Belongs to its event loop, except that a
/// blocking handler may read what it was made of.
///
/// The headers that every answer bears (`x-request-id`, CORS) are set before a handler sees it.
public final class Visit {
  private static final Logger LOG = LoggerFactory.getLogger(Visit.class);
  private static final CharSequence REQUEST_ID = HttpHeaders.createOptimized("x-request-id");
  private static final CharSequence ERROR_MESSAGE = HttpHeaders.createOptimized("x-error-message");
  private static final CharSequence EXPOSE =
      HttpHeaders.createOptimized("access-control-expose-headers");
  private static final CharSequence ANYONE = HttpHeaders.createOptimized("*");
  private static final CharSequence JSON = HttpHeaders.createOptimized("application/json");

  private final HttpServerRequest request;
  private final Context context;
  private final CallId id;
  private final BodyMemory.Share memory;
  private final BodyReader body;
  private final Sweep sweep;
  private final long sinceNanos;
  private Map<String, String> parameters = Map.of();

  Visit(
      HttpServerRequest request,
      Context context,
      CallId id,
      ServerSettings settings,
      Sweep sweep,
      BodyMemory bodies) {
    this.request = request;
    this.context = context;
    this.id = id;
    this.memory = bodies.share();
    this.body = new BodyReader(request, settings, sweep, memory);
    this.sweep = sweep;
    this.sinceNanos = sweep.now();
    request
        .response()
        .putHeader(REQUEST_ID, id.text())
        .putHeader(HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN, ANYONE)
        .putHeader(EXPOSE, ANYONE)
        .closeHandler(_ -> memory.giveBack());
  }

  public HttpServerRequest request() {
    return request;
  }

  /// Where to stream an answer to. Headers of this visit are set already.
  public HttpServerResponse response() {
    return request.response();
  }

  /// Where to write the chunks of a streamed answer, once the head is prepared.
  public Chunks chunks() {
    return Chunks.of(request);
  }

  /// The event loop that this visit belongs to.
  public Context context() {
    return context;
  }

  /// The id of this request, as in `x-request-id` of its answer.
  public CallId id() {
    return id;
  }

  /// Microseconds since the head of the request was read.
  public long micros() {
    return (sweep.now() - sinceNanos) / 1_000;
  }

  /// Calls somebody when the client leaves before its answer has ended; only the last one named.
  public void onLeave(Runnable left) {
    response()
        .closeHandler(
            _ -> {
              memory.giveBack();
              left.run();
            });
  }

  /// The answer has ended, so what was read for it is not needed any more.
  void ended() {
    memory.giveBack();
  }

  void parameters(Map<String, String> taken) {
    parameters = taken;
  }

  /// What a hole of the route's pattern took, decoded.
  ///
  /// @throws IllegalArgumentException when the pattern has no such hole
  public String parameter(String name) {
    String value = parameters.get(name);
    if (value == null) {
      throw new IllegalArgumentException(
          "the route of " + request.path() + " has no {" + name + "}");
    }
    return value;
  }

  /// The first value of a query parameter, decoded; null when it is absent.
  ///
  /// @throws ProblemException when the query cannot be decoded
  public @Nullable String query(String name) {
    try {
      return request.getParam(name);
    } catch (IllegalArgumentException _) {
      throw Problem.badRequest(
              "invalid_query",
              "The query of this request cannot be decoded: write a percent sign as %25")
          .asException();
    }
  }

  /// A request header, null when it is absent.
  public @Nullable String header(CharSequence name) {
    return request.headers().get(name);
  }

  /// The token of `Authorization: Bearer …`; null when there is none.
  public @Nullable String bearer() {
    String value = header(HttpHeaders.AUTHORIZATION);
    if (value == null || !value.regionMatches(true, 0, "Bearer ", 0, 7)) {
      return null;
    }
    String token = value.substring(7).strip();
    return token.isEmpty() ? null : token;
  }

  /// Reads the whole body, once. Fails with a [ProblemException]: 413 when it is larger than the
  /// server takes, 408 when the sender is slow, 400 when the client left in the middle.
  public Future<Buffer> body() {
    return body(Integer.MAX_VALUE);
  }

  /// The same, with a limit of its own below that of the server.
  public Future<Buffer> body(int bytesMax) {
    return body.read(bytesMax);
  }

  /// Whether the client has gone, or the answer has been written.
  public boolean isOver() {
    return response().ended() || response().closed();
  }

  /// Answers with JSON bytes.
  public void answerJson(int status, byte[] json) {
    answerJson(status, Buffer.buffer(json));
  }

  /// Answers with JSON bytes. Does nothing when the answer is over already.
  public void answerJson(int status, Buffer json) {
    if (isOver()) {
      return;
    }
    response().setStatusCode(status).putHeader(HttpHeaders.CONTENT_TYPE, JSON);
    end(json);
  }

  /// Answers with what a blocking handler gave back.
  public void answer(Answer answer) {
    if (isOver()) {
      return;
    }
    HttpServerResponse response = response().setStatusCode(answer.status());
    if (!answer.contentType().isEmpty()) {
      response.putHeader(HttpHeaders.CONTENT_TYPE, answer.contentType());
    }
    answer.headers().forEach(response::putHeader);
    end(answer.body());
  }

  /// Refuses, in the envelope of the path that was asked for. Does nothing when the answer is over;
  /// breaks the connection when its head has been sent, for then nothing else would be honest.
  public void fail(Problem problem) {
    if (isOver()) {
      return;
    }
    if (response().headWritten()) {
      var _ = request.connection().close();
      return;
    }
    end(refusal(request, problem));
  }

  /// Refuses a request that has no id, and so is no visit.
  static void refuse(HttpServerRequest request, Context context, Problem problem) {
    request
        .response()
        .putHeader(HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN, ANYONE)
        .putHeader(EXPOSE, ANYONE);
    end(request, context, refusal(request, problem));
  }

  /// Prepares the head of a refusal.
  ///
  /// @return its body
  private static Buffer refusal(HttpServerRequest request, Problem problem) {
    HttpServerResponse response = request.response();
    problem.headers().forEach(response::putHeader);
    response
        .setStatusCode(problem.status())
        .putHeader(ERROR_MESSAGE, Envelope.headerText(problem.message()))
        .putHeader(HttpHeaders.CONTENT_TYPE, JSON);
    String path = Objects.requireNonNullElse(request.path(), "");
    return Buffer.buffer(Envelope.of(path).wrap(problem));
  }

  /// Refuses with the problem that the failure carries. Anything else is our own fault: the client
  /// gets 500 and the request id, the log gets the stack trace, once.
  public void fail(Throwable failure) {
    if (failure instanceof ProblemException carried) {
      fail(carried.problem());
      return;
    }
    LOG.error("request {} ({} {}) failed", id, request.method(), request.path(), failure);
    fail(Problem.internal().withField("request_id", id.text()));
  }

  private void end(Buffer bytes) {
    end(request, context, bytes);
  }

  private static void end(HttpServerRequest request, Context context, Buffer bytes) {
    HttpServerResponse response = request.response();
    UnreadBody unread = UnreadBody.of(request, response.getStatusCode());
    unread.announce();
    if (HttpMethod.HEAD.equals(request.method())) {
      response.putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(bytes.length()));
      var _ = response.end();
    } else {
      var _ = response.end(bytes);
    }
    unread.discard(context.owner());
  }
}
