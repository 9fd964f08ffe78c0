package faregate.http;

import io.netty.channel.Channel;
import io.vertx.core.Future;
import io.vertx.core.http.HttpClientConnection;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.RequestOptions;
import org.jspecify.annotations.Nullable;

/// One connection to an upstream server. It serves one call at a time.
final class PooledConnection {
  private final HttpClientConnection connection;
  private final @Nullable Channel channel;
  private final @Nullable Inflow inflow;
  private boolean closed;
  private long restsSince;
  private long restedNanos;

  PooledConnection(HttpClientConnection connection, Runnable onClose) {
    this.connection = connection;
    this.channel = Inflow.channel(connection);
    this.inflow = Inflow.on(connection);
    // What happens to the connection is told by its call; without this Vert.x logs it as an error.
    connection.exceptionHandler(_ -> {});
    connection.closeHandler(
        _ -> {
          closed = true;
          onClose.run();
        });
  }

  Future<HttpClientRequest> request(RequestOptions options) {
    if (inflow != null) {
      inflow.expect();
    }
    return connection.request(options);
  }

  /// The way past Vert.x for the chunks of answers; null where there is none.
  @Nullable Inflow inflow() {
    return inflow;
  }

  boolean isClosed() {
    return closed;
  }

  /// Closes at once, whatever is under way, and drops what is not sent yet: so past Vert.x, which
  /// would wait until it is.
  void close() {
    if (closed) {
      return;
    }
    if (channel != null) {
      var _ = channel.pipeline().firstContext().close();
    } else {
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
