package faregate.gateway;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/// Says what no HTTP library would, over a bare socket.
final class RawClient {
  private static final int PATIENCE_MILLIS = 10_000;

  /// Does something in between, and gives the rest of what is to be said.
  interface Rest {
    String get() throws IOException;
  }

  private RawClient() {}

  /// Says it, and hears all until the server closes.
  static String all(int port, String said) throws IOException {
    return all(port, said, () -> "");
  }

  /// The same for who says the rest later.
  static String all(int port, String said, Rest rest) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(PATIENCE_MILLIS);
      socket.getOutputStream().write(said.getBytes(StandardCharsets.ISO_8859_1));
      socket.getOutputStream().write(rest.get().getBytes(StandardCharsets.ISO_8859_1));
      ByteArrayOutputStream heard = new ByteArrayOutputStream();
      socket.getInputStream().transferTo(heard);
      return heard.toString(StandardCharsets.UTF_8);
    }
  }
}
