package faregate.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/// An upstream server made of bare sockets. Each connection is played by the script on a thread of
/// its own; what goes wrong in it is the test's business only when the test looks.
final class Peer implements AutoCloseable {
  private final ServerSocket listener;
  private final Script script;
  private final AtomicInteger connections = new AtomicInteger();
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();

  /// What the peer does with a connection.
  interface Script {
    void play(Connection connection) throws Exception;
  }

  /// One accepted connection.
  record Connection(Socket socket, int number) {
    /// Reads one request: its head, and as much body as it announces.
    String hear() throws IOException {
      InputStream in = socket.getInputStream();
      StringBuilder head = new StringBuilder();
      while (head.indexOf("\r\n\r\n") < 0) {
        int next = in.read();
        if (next < 0) {
          return head.toString();
        }
        head.append((char) next);
      }
      String text = head.toString();
      int at = text.toLowerCase(java.util.Locale.ROOT).indexOf("content-length: ");
      if (at < 0) {
        return text;
      }
      int length = Integer.parseInt(text.substring(at + 16, text.indexOf('\r', at)).strip());
      return text + new String(in.readNBytes(length), StandardCharsets.UTF_8);
    }

    void say(String text) throws IOException {
      OutputStream out = socket.getOutputStream();
      out.write(text.getBytes(StandardCharsets.UTF_8));
      out.flush();
    }

    void answer(String body) throws IOException {
      say("HTTP/1.1 200 OK\r\ncontent-length: " + body.length() + "\r\n\r\n" + body);
    }

    /// Closes with RST rather than FIN.
    void reset() throws IOException {
      socket.setSoLinger(true, 0);
      socket.close();
    }
  }

  Peer(Script script) throws IOException {
    this.script = script;
    this.listener = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().name("peer").start(this::accept);
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = listener.accept();
        sockets.add(socket);
        Connection connection = new Connection(socket, connections.incrementAndGet());
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    script.play(connection);
                  } catch (Exception _) {
                    // The other side left, or the test ended.
                  }
                });
      }
    } catch (SocketException _) {
      // Closed.
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  int port() {
    return listener.getLocalPort();
  }

  int connections() {
    return connections.get();
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }
}
