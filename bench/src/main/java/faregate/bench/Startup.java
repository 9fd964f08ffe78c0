package faregate.bench;

import faregate.kit.FreePort;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/// How long it takes from the launcher's start to the first answered call: a real one, held,
/// proxied and settled.
final class Startup {
  private static final Duration GIVE_UP = Duration.ofSeconds(60);
  private static final int RETRY_MILLIS = 2;
  private static final String BODY =
      "{\"model\":\"%s\",\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}],\"max_tokens\":64}"
          .formatted(Contestant.MODEL);

  private Startup() {}

  /// Starts the gateway, asks until it answers, and stops it.
  ///
  /// @return milliseconds
  static double firstAnswerMillis(Gateway gateway, String token)
      throws IOException, InterruptedException {
    int port = FreePort.find();
    long start = System.nanoTime();
    try (Child _ = gateway.start(port)) {
      while (!answers(port, token)) {
        if (System.nanoTime() - start > GIVE_UP.toNanos()) {
          throw new IllegalStateException("the gateway did not answer within " + GIVE_UP);
        }
        Thread.sleep(RETRY_MILLIS);
      }
      return (System.nanoTime() - start) / 1e6;
    }
  }

  /// @return false when nobody listens yet
  /// @throws IllegalStateException when somebody answers, but not with 200
  private static boolean answers(int port, String token) throws IOException {
    String request =
        "POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer "
            + token
            + "\r\nContent-Type: application/json\r\nContent-Length: "
            + BODY.length()
            + "\r\n\r\n"
            + BODY;
    try (Socket socket = new Socket()) {
      try {
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      } catch (IOException _) {
        return false;
      }
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      InputStream in = socket.getInputStream();
      String status = new String(in.readNBytes(12), StandardCharsets.US_ASCII);
      if (!status.equals("HTTP/1.1 200")) {
        throw new IllegalStateException(
            "the first answer was "
                + status
                + new String(in.readNBytes(900), StandardCharsets.UTF_8));
      }
      return true;
    }
  }
}
