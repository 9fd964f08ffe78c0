package faregate.prove;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Stands between gateways and their database server: cuts, stalls and delays what passes.
final class TcpProxy implements AutoCloseable {
  private static final int CHUNK = 16 << 10;
  private static final int STALL_STEP_MILLIS = 10;

  private final String host;
  private final int port;
  private final ServerSocket listener;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private volatile boolean stalled;
  private volatile int delayMillis;

  /// @param host of the server
  TcpProxy(String host, int port) throws IOException {
    this.host = host;
    this.port = port;
    this.listener = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().name("proof-proxy").start(this::accept);
  }

  int port() {
    return listener.getLocalPort();
  }

  /// Closes every connection with a reset: bytes under way are lost.
  void cut() {
    sockets.forEach(TcpProxy::reset);
  }

  void stall(boolean on) {
    stalled = on;
  }

  void delay(int millis) {
    delayMillis = millis;
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket client = listener.accept();
        sockets.add(client);
        Thread.ofVirtual().start(() -> serve(client));
      } catch (IOException _) {
        // Closed, or the client was gone again.
      }
    }
  }

  private void serve(Socket client) {
    Socket server = new Socket();
    sockets.add(server);
    try {
      client.setTcpNoDelay(true);
      server.setTcpNoDelay(true);
      server.connect(new InetSocketAddress(host, port), 2_000);
      Thread.ofVirtual().start(() -> pump(client, server, false));
      pump(server, client, true);
    } catch (IOException _) {
      reset(client);
      reset(server);
      sockets.remove(client);
      sockets.remove(server);
    }
  }

  private void pump(Socket from, Socket to, boolean answers) {
    byte[] chunk = new byte[CHUNK];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int length = in.read(chunk); length > 0; length = in.read(chunk)) {
        hold(answers);
        out.write(chunk, 0, length);
        out.flush();
      }
    } catch (IOException _) {
      // One side is gone, so the other one goes too.
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      reset(from);
      reset(to);
      sockets.remove(from);
      sockets.remove(to);
    }
  }

  private void hold(boolean answers) throws InterruptedException {
    while (stalled) {
      Thread.sleep(STALL_STEP_MILLIS);
    }
    if (answers && delayMillis > 0) {
      Thread.sleep(delayMillis);
    }
  }

  private static void reset(Socket socket) {
    try {
      socket.setSoLinger(true, 0);
      socket.close();
    } catch (IOException _) {
      // It was closed already.
    }
  }

  @Override
  public void close() {
    try {
      listener.close();
    } catch (IOException _) {
      // Nothing depends on it any more.
    }
    cut();
  }
}
