package faregate.http;

import faregate.id.CallId;
import faregate.kit.Clock;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The HTTP/1.1 server: one listener per event loop, all on one port.
public final class Server {
  /// Tells servers with a free port apart; the loops of one share it.
  private static final AtomicInteger FREE_PORTS = new AtomicInteger();

  /// Each waits for the database at worst; more at once would only wait longer.
  private static final int BLOCKING_MAX = 256;

  private final List<Loop> loops = new CopyOnWriteArrayList<>();
  private final Semaphore blocking = new Semaphore(BLOCKING_MAX);
  private final BodyMemory bodies;
  private final SocketAddress address;
  private volatile int port;

  private Server(SocketAddress address, BodyMemory bodies) {
    this.address = address;
    this.bodies = bodies;
  }

  /// @param ids makes the id of each request; called on event loops, must not wait. Where it
  ///   throws, the request is refused
  /// @return when it listens; fails when the address cannot be had
  public static Future<Server> start(
      Vertx vertx, ServerSettings settings, Routes routes, Supplier<CallId> ids) {
    SocketAddress address =
        settings.port() == 0
            ? SocketAddress.sharedRandomPort(FREE_PORTS.incrementAndGet(), settings.host())
            : SocketAddress.inetSocketAddress(settings.port(), settings.host());
    Server server = new Server(address, new BodyMemory(settings.bodiesBytesMax()));
    return vertx
        .deployVerticle(
            () -> server.new Loop(settings, routes, ids),
            new DeploymentOptions().setInstances(settings.loops()))
        .map(server);
  }

  public int port() {
    return port;
  }

  /// Stops accepting, ends event streams, lets running exchanges finish, then closes what is left.
  public Future<Void> drain(Duration most) {
    return Future.join(loops.stream().map(loop -> loop.drain(most)).toList()).mapEmpty();
  }

  /// One event loop's share of the server.
  private final class Loop extends VerticleBase {
    private final ServerSettings settings;
    private final Routes routes;
    private final Supplier<CallId> ids;
    private @Nullable HttpServer listener;
    private @Nullable EventStreams streams;

    Loop(ServerSettings settings, Routes routes, Supplier<CallId> ids) {
      this.settings = settings;
      this.routes = routes;
      this.ids = ids;
    }

    @Override
    public Future<?> start() {
      Sweep sweep = new Sweep(vertx, Clock.system(), settings.shortestTimeout().dividedBy(4));
      EventStreams opened = new EventStreams(settings, sweep);
      Dispatcher dispatcher =
          new Dispatcher(vertx, settings, routes, ids, sweep, opened, blocking, bodies);
      HttpServer server =
          vertx
              .createHttpServer(options(settings))
              .connectionHandler(made -> ConnectionWatch.over(made, settings, ids, sweep))
              .requestHandler(dispatcher::dispatch)
              .invalidRequestHandler(dispatcher::refuse);
      listener = server;
      streams = opened;
      loops.add(this);
      return server.listen(address).onSuccess(listening -> port = listening.actualPort());
    }

    Future<Void> drain(Duration most) {
      HttpServer stopping = listener;
      EventStreams ending = streams;
      if (stopping == null || ending == null) {
        return Future.succeededFuture();
      }
      context.runOnContext(_ -> ending.drain());
      return stopping.shutdown(most);
    }
  }

  private static HttpServerOptions options(ServerSettings settings) {
    HttpServerOptions options = new HttpServerOptions();
    options
        .setTcpNoDelay(true)
        .setSendBufferSize(settings.sendBufferBytes())
        .setReceiveBufferSize(settings.receiveBufferBytes())
        .setAcceptBacklog(4096);
    return options
        .setMaxHeaderSize(settings.headerBytesMax())
        .setMaxInitialLineLength(8 << 10)
        .setHandle100ContinueAutomatically(false)
        .setHttp2ClearTextEnabled(false)
        .setPerFrameWebSocketCompressionSupported(false)
        .setPerMessageWebSocketCompressionSupported(false)
        .setStrictThreadMode(false);
  }
}
