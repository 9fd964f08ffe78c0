package faregate.http;

import faregate.kit.Clock;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.PoolOptions;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/// One event loop's upstream connections and addresses. Touched by that thread only.
final class Lane {
  private static final Duration LOOK = Duration.ofMillis(20);

  private final Vertx vertx;
  private final UpstreamSettings settings;
  private final Clock clock;
  private final HttpClientAgent agent;
  private final AddressBook addresses;
  private final Map<UpstreamTarget, ConnectionPool> pools = new HashMap<>();
  private final Sweep sweep;
  private final long closing;

  Lane(Vertx vertx, UpstreamSettings settings, Clock clock) {
    this.vertx = vertx;
    this.settings = settings;
    this.clock = clock;
    this.addresses = new AddressBook(vertx, clock, settings.addressLife());
    this.agent = vertx.createHttpClient(options(settings), new PoolOptions());
    long period = Math.max(1, settings.keepAlive().toMillis() / 4);
    this.sweep = new Sweep(vertx, clock, LOOK);
    this.closing =
        vertx.setPeriodic(period, _ -> pools.values().forEach(ConnectionPool::closeRested));
  }

  UpstreamCall send(UpstreamRequest request) {
    ConnectionPool pool =
        pools.computeIfAbsent(
            request.target(), target -> new ConnectionPool(target, agent, settings, clock));
    LaneCall call = new LaneCall(sweep, addresses, pool, request);
    call.start();
    return call;
  }

  Future<Void> close() {
    vertx.cancelTimer(closing);
    sweep.stop();
    return agent.close();
  }

  private static HttpClientOptions options(UpstreamSettings settings) {
    return new HttpClientOptions()
        .setTcpNoDelay(true)
        .setSendBufferSize(settings.sendBufferBytes())
        .setReceiveBufferSize(settings.receiveBufferBytes())
        .setMaxHeaderSize(32 << 10)
        .setHttp2ClearTextUpgrade(false);
  }
}
