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
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Stands between gateways and their database server: cuts, stalls and delays what passes.
final class TcpProxy implements AutoCloseable {
  private static final int CHUNK = 16 << 10;
  private static final int STALL_STEP_MILLIS = 10;
  private static final int CARRIED_OUT_MILLIS = 300;

  private final String host;
  private final int port;
  private final ServerSocket listener;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final AtomicReference<@Nullable Snare> snare = new AtomicReference<>();
  private volatile boolean stalled;
  private volatile int delayMillis;

  /// Waits for the next batch of a ledger.
  ///
  /// @param lateMillis how long after the cut it reaches the server
  private record Snare(int lateMillis, CountDownLatch caught) {}

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

  /// Cuts the connection of the next batch that a gateway sends. The batch still reaches the
  /// server, whose answer nobody hears.
  ///
  /// @param lateMillis how long after the cut it gets there: what was repeated meanwhile has been
  ///   written before
  /// @return false when none came by in time
  boolean cutBatch(int lateMillis, int patienceMillis) throws InterruptedException {
    Snare laid = new Snare(lateMillis, new CountDownLatch(1));
    snare.set(laid);
    boolean caught = laid.caught.await(patienceMillis, TimeUnit.MILLISECONDS);
    return caught || !snare.compareAndSet(laid, null);
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
    LedgerTraffic traffic = new LedgerTraffic();
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int length = in.read(chunk); length > 0; length = in.read(chunk)) {
        hold(answers);
        Snare sprung = !answers && traffic.isBatch(chunk, length) ? snare.getAndSet(null) : null;
        if (sprung != null) {
          reset(from);
          sprung.caught.countDown();
          Thread.sleep(sprung.lateMillis);
        }
        out.write(chunk, 0, length);
        out.flush();
        if (sprung != null) {
          Thread.sleep(CARRIED_OUT_MILLIS);
          return;
        }
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
