package faregate.http;

import java.time.Duration;

/// How a server listens and what it puts up with.
///
/// @param host the address to listen on
/// @param port 0 picks a free one
/// @param loops how many event loops serve
/// @param bodyBytesMax the largest request body; a larger one is answered with 413
/// @param bodiesBytesMax what all bodies together may take in memory, while they are read and until
///   they are answered; beyond it 429
/// @param headerBytesMax the largest head of a request; a larger one is answered with 431
/// @param headTimeout from the first byte of a request to the end of its head, else 408
/// @param slowSender in each such span a sender of a body must bring 4 KiB or the end, else 408
/// @param idleTimeout how long a connection may rest between two requests
/// @param sendBufferBytes SO_SNDBUF; capped, for a stalled reader would fill megabytes of kernel
///   memory
/// @param receiveBufferBytes SO_RCVBUF, capped likewise
public record ServerSettings(
    String host,
    int port,
    int loops,
    int bodyBytesMax,
    long bodiesBytesMax,
    int headerBytesMax,
    Duration headTimeout,
    Duration slowSender,
    Duration idleTimeout,
    int sendBufferBytes,
    int receiveBufferBytes) {

  /// Of the heap: a body is there several times while it is read and sent on.
  private static final int BODIES_PART = 8;

  private static final Duration SILENCE_MAX = Duration.ofSeconds(12);

  /// Settings that fit a gateway: bodies to 32 MiB, heads to 16 KiB, one loop per processor.
  public static ServerSettings on(String host, int port) {
    return new ServerSettings(
        host,
        port,
        Runtime.getRuntime().availableProcessors(),
        32 << 20,
        Math.max(32 << 20, Runtime.getRuntime().maxMemory() / BODIES_PART),
        16 << 10,
        Duration.ofSeconds(10),
        Duration.ofSeconds(10),
        Duration.ofSeconds(75),
        128 << 10,
        64 << 10);
  }

  /// How long an event stream may be silent before a comment shows that it lives: short against
  /// what this server, and proxies like it, let a connection rest.
  Duration silence() {
    Duration share = idleTimeout.dividedBy(6);
    return share.compareTo(SILENCE_MAX) < 0 ? share : SILENCE_MAX;
  }

  Duration shortestTimeout() {
    Duration shorter = headTimeout.compareTo(slowSender) < 0 ? headTimeout : slowSender;
    return shorter.compareTo(idleTimeout) < 0 ? shorter : idleTimeout;
  }

  public ServerSettings withLoops(int count) {
    return new ServerSettings(
        host,
        port,
        count,
        bodyBytesMax,
        bodiesBytesMax,
        headerBytesMax,
        headTimeout,
        slowSender,
        idleTimeout,
        sendBufferBytes,
        receiveBufferBytes);
  }

  public ServerSettings withBodyBytesMax(int bytes) {
    return new ServerSettings(
        host,
        port,
        loops,
        bytes,
        Math.max(bodiesBytesMax, bytes),
        headerBytesMax,
        headTimeout,
        slowSender,
        idleTimeout,
        sendBufferBytes,
        receiveBufferBytes);
  }

  ServerSettings withBodiesBytesMax(long bytes) {
    return new ServerSettings(
        host,
        port,
        loops,
        bodyBytesMax,
        bytes,
        headerBytesMax,
        headTimeout,
        slowSender,
        idleTimeout,
        sendBufferBytes,
        receiveBufferBytes);
  }

  public ServerSettings withTimeouts(Duration head, Duration slow, Duration idle) {
    return new ServerSettings(
        host,
        port,
        loops,
        bodyBytesMax,
        bodiesBytesMax,
        headerBytesMax,
        head,
        slow,
        idle,
        sendBufferBytes,
        receiveBufferBytes);
  }
}
