package faregate.http;

import faregate.kit.Clock;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// The HTTP/1.1 client towards providers.
///
/// Each event loop has a [Lane] of its own with its own connections and addresses, so a call never
/// leaves the thread it was made on and nothing is locked. Redirects are not followed, compression
/// is not asked for.
public final class Upstream {
  private final Vertx vertx;
  private final UpstreamSettings settings;
  private final Clock clock;
  private final Map<Thread, Lane> lanes = new ConcurrentHashMap<>();

  public Upstream(Vertx vertx, UpstreamSettings settings, Clock clock) {
    this.vertx = vertx;
    this.settings = settings;
    this.clock = clock;
  }

  /// Sends a request. Call it on an event loop; all that follows happens there.
  ///
  /// @throws IllegalStateException when called from another thread
  public UpstreamCall send(UpstreamRequest request) {
    Lane own = lanes.get(Thread.currentThread());
    if (own == null) {
      if (!Context.isOnEventLoopThread()) {
        throw new IllegalStateException(
            "upstream calls are made on an event loop, by runOnContext");
      }
      own = new Lane(vertx, settings, clock);
      lanes.put(Thread.currentThread(), own);
    }
    return own.send(request);
  }

  /// Closes all connections, the busy ones too.
  public Future<Void> close() {
    return Future.join(lanes.values().stream().map(Lane::close).toList()).mapEmpty();
  }
}
