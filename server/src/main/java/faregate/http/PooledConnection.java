package faregate.http;

import io.vertx.core.Future;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.RequestOptions;

/// One connection to an upstream server. It serves one call at a time.
final class PooledConnection {
  private final HttpClientConnection connection;
  private boolean closed;
  private long restsSince;
  private long restedNanos;

  PooledConnection(HttpClientConnection connection, Runnable onClose) {
    this.connection = connection;
    // What happens to the connection is told by its call; without this Vert.x logs it as an error.
    connection.exceptionHandler(_ -> {});
    connection.closeHandler(
        _ -> {
          closed = true;
          onClose.run();
        });
  }

  Future<HttpClientRequest> request(RequestOptions options) {
    return connection.request(options);
  }

  boolean isClosed() {
    return closed;
  }

  /// Closes at once, whatever is under way.
  void close() {
    if (!closed) {
      var _ = connection.close();
    }
  }

  void usedAgain(long nowNanos) {
    restedNanos = nowNanos - restsSince;
  }

  /// How long it had rested before this call; 0 when it is fresh.
  long restedNanos() {
    return restedNanos;
  }

  void restsSince(long nanos) {
    restsSince = nanos;
  }

  /// @return nanoseconds of the monotonic clock
  long restsSince() {
    return restsSince;
  }
}
