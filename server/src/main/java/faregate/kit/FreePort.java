package faregate.kit;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// A port on loopback for a server that is yet to be started, or that may be gone for a while.
///
/// One that the system picks is of those that it lends to whoever connects, and may be lent to
/// somebody until the server comes; so this is none of those, where the system tells which they
/// are.
public final class FreePort {
  private static final Path LENT = Path.of("/proc/sys/net/ipv4/ip_local_port_range");

  /// Below it are the ports that well-known servers have.
  private static final int LOWEST = 10_000;

  private static final int RANGE_BYTES_MAX = 100;
  private static final int TRIES = 100;
  private static final int ANY = 0;

  private FreePort() {}

  /// @throws IOException when there is none
  public static int find() throws IOException {
    int lent = firstLent();
    RandomSource random = RandomSource.secure();
    for (int tries = 0; tries < TRIES && lent > LOWEST; tries++) {
      int port = LOWEST + (int) Long.remainderUnsigned(random.nextLong(), lent - LOWEST);
      if (isFree(port)) {
        return port;
      }
    }
    try (ServerSocket socket = new ServerSocket(ANY, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /// The file tells all at the first read, and nothing at any other.
  private static int firstLent() {
    try (InputStream in = Files.newInputStream(LENT)) {
      String range = new String(in.readNBytes(RANGE_BYTES_MAX), StandardCharsets.US_ASCII);
      return Integer.parseInt(range.strip().split("\\s+", 2)[0]);
    } catch (IOException | NumberFormatException _) {
      return ANY;
    }
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return socket.isBound();
    } catch (IOException _) {
      return false;
    }
  }
}
