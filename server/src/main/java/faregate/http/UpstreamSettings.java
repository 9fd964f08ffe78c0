package faregate.http;

import java.time.Duration;

/// How upstream connections are kept.
///
/// @param connectionsPerTarget the most at one time to one target, for each event loop
/// @param keepAlive how long a connection may rest and still be used again. Shorter than what
///   servers keep (five seconds is the shortest in wide use), so that it is we who close: a request
///   written onto a connection that its server is closing is a call of which nobody knows the end
/// @param addressLife how long a resolved address stays pinned
/// @param sendBufferBytes SO_SNDBUF
/// @param receiveBufferBytes SO_RCVBUF; capped, so that a paused answer stays at its provider
public record UpstreamSettings(
    int connectionsPerTarget,
    Duration keepAlive,
    Duration addressLife,
    int sendBufferBytes,
    int receiveBufferBytes) {

  public static UpstreamSettings standard() {
    return new UpstreamSettings(
        20_000, Duration.ofSeconds(4), Duration.ofSeconds(60), 256 << 10, 128 << 10);
  }

  public UpstreamSettings withConnectionsPerTarget(int most) {
    return new UpstreamSettings(most, keepAlive, addressLife, sendBufferBytes, receiveBufferBytes);
  }

  public UpstreamSettings withKeepAlive(Duration rest) {
    return new UpstreamSettings(
        connectionsPerTarget, rest, addressLife, sendBufferBytes, receiveBufferBytes);
  }
}
