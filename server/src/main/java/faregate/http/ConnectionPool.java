package faregate.http;

import faregate.http.UpstreamException.Stage;
import faregate.kit.Clock;
import io.vertx.core.Future;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpConnectOptions;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.SocketAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/// The connections of one event loop to one target. The youngest resting one is used first, so that
/// the others grow old and go.
final class ConnectionPool {
  /// No server closes a resting connection sooner than this.
  private static final long WHILE_NANOS = 100_000_000;

  private final UpstreamTarget target;
  private final HttpClientAgent agent;
  private final ClientSSLOptions tls;
  private final UpstreamSettings settings;
  private final Clock clock;
  private final ArrayDeque<PooledConnection> resting = new ArrayDeque<>();
  private int open;
  private long keepAliveNanos;

  ConnectionPool(
      UpstreamTarget target, HttpClientAgent agent, UpstreamSettings settings, Clock clock) {
    this.target = target;
    this.agent = agent;
    this.tls = tls(target);
    this.settings = settings;
    this.clock = clock;
    this.keepAliveNanos = settings.keepAlive().toNanos();
  }

  private static ClientSSLOptions tls(UpstreamTarget target) {
    ClientSSLOptions tls = new ClientSSLOptions();
    tls.setHostnameVerificationAlgorithm("HTTPS");
    if (target.certificates() != null) {
      tls.setTrustOptions(new PemTrustOptions().addCertPath(target.certificates().toString()));
    }
    return tls;
  }

  /// A connection that rested not too long, null when there is none.
  @Nullable PooledConnection take() {
    PooledConnection connection = resting.pollLast();
    while (connection != null) {
      if (!connection.isClosed() && !isRested(connection)) {
        connection.usedAgain(clock.nanoTime());
        return connection;
      }
      connection.close();
      connection = resting.pollLast();
    }
    return null;
  }

  Future<PooledConnection> connect(InetAddress address) {
    if (open >= settings.connectionsPerTarget()) {
      return Future.failedFuture(
          new UpstreamException(
              Stage.NOT_SENT,
              false,
              "all " + open + " connections to " + target + " are in use",
              null));
    }
    open++;
    HttpConnectOptions options =
        new HttpConnectOptions()
            .setServer(
                SocketAddress.inetSocketAddress(new InetSocketAddress(address, target.port())))
            .setHost(target.host())
            .setPort(target.port())
            .setSsl(target.tls());
    if (target.tls()) {
      options.setSslOptions(tls);
    }
    return agent
        .connect(options)
        .map(connection -> new PooledConnection(connection, () -> open--))
        .onFailure(_ -> open--);
  }

  /// Takes back a connection whose exchange ended cleanly.
  void release(PooledConnection connection) {
    if (!connection.isClosed()) {
      connection.restsSince(clock.nanoTime());
      resting.addLast(connection);
    }
  }

  /// A call was sent and nothing came back. On a connection that had rested a while, its server may
  /// have been closing it just then: rest shorter at this target from now on. One that had hardly
  /// rested broke for another reason, from which nothing follows for the others.
  void suspect(PooledConnection connection) {
    if (connection.restedNanos() >= WHILE_NANOS) {
      keepAliveNanos = Math.min(keepAliveNanos, connection.restedNanos() / 2);
    }
  }

  void closeRested() {
    while (!resting.isEmpty() && (resting.getFirst().isClosed() || isRested(resting.getFirst()))) {
      resting.removeFirst().close();
    }
  }

  private boolean isRested(PooledConnection connection) {
    return clock.nanoTime() - connection.restsSince() >= keepAliveNanos;
  }
}
