package faregate.http;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;

/// Makes the one [Vertx] of a process.
public final class EventLoops {
  private EventLoops() {}

  /// Event loops on the native transport where there is one (epoll), else on NIO.
  ///
  /// @param count how many loops; each has its own thread
  public static Vertx start(int count) {
    return Vertx.vertx(
        new VertxOptions().setEventLoopPoolSize(count).setPreferNativeTransport(true));
  }
}
