package faregate.http;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;

/// What is left of a request's body when its answer goes out.
///
/// A client that is cut off while it sends may never read the answer, so what still comes is thrown
/// away for a while. A little of it costs less than a new connection; otherwise the connection
/// closes.
///
/// @param rest how much is left
record UnreadBody(HttpServerRequest request, Rest rest) {
  private static final int SMALL_BYTES = 64 << 10;
  private static final long LINGER_MILLIS = 1000;

  enum Rest {
    /// All was read, or there was none.
    NONE,
    /// Discard it and keep the connection.
    SMALL,
    /// Discard for a while, then close.
    LARGE
  }

  static UnreadBody of(HttpServerRequest request, int status) {
    String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
    boolean chunked = request.headers().contains(HttpHeaders.TRANSFER_ENCODING);
    if (request.isEnded() || (!chunked && (length == null || length.equals("0")))) {
      return new UnreadBody(request, Rest.NONE);
    }
    boolean soon = status != 408 && !chunked && isSmall(length);
    return new UnreadBody(request, soon ? Rest.SMALL : Rest.LARGE);
  }

  private static boolean isSmall(String length) {
    return length.length() <= 5
        && length.chars().allMatch(digit -> digit >= '0' && digit <= '9')
        && Integer.parseInt(length) <= SMALL_BYTES;
  }

  /// Before the answer: says that the connection will close, if it will.
  void announce() {
    if (rest == Rest.LARGE) {
      request.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    }
  }

  /// After the answer.
  void discard(Vertx vertx) {
    HttpConnection connection = request.connection();
    switch (rest) {
      case NONE -> {}
      case SMALL, LARGE -> {
        long timer = vertx.setTimer(LINGER_MILLIS, _ -> connection.close());
        request
            .handler(_ -> {})
            .exceptionHandler(_ -> {})
            .endHandler(
                _ -> {
                  vertx.cancelTimer(timer);
                  if (rest == Rest.LARGE) {
                    var _ = connection.close();
                  }
                })
            .resume();
      }
    }
  }
}
