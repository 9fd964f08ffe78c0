package faregate.ledger;

import faregate.store.PostgresSettings;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// A wire to a database server that can be cut, and what was sent on it kept back.
final class LineBetween implements AutoCloseable {
  /// What becomes of bytes towards the server.
  enum Fault {
    NONE,
    /// They arrive, but the answer does not, and the client's side is cut.
    CUT_BEFORE_ANSWER,
    /// They do not arrive, and the client's side is cut.
    CUT_BEFORE_ARRIVAL,
    /// The client's side is cut; they arrive when [#deliver] is called.
    DELAYED
  }

  private record Kept(Socket server, byte[] bytes) {}

  private final ServerSocket door;
  private final int target;
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();
  private final List<Kept> kept = new ArrayList<>();
  private volatile Fault fault = Fault.NONE;
  private volatile String trigger = "";
  private volatile boolean refusing;

  LineBetween(int target) throws IOException {
    this.target = target;
    this.door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::serve);
  }

  int port() {
    return door.getLocalPort();
  }

  /// The same database, on this wire.
  PostgresSettings through(PostgresSettings direct) {
    return new PostgresSettings(
        direct.url().replaceFirst(":[0-9]+/", ":" + port() + "/"),
        direct.user(),
        direct.password(),
        direct.connectionsMax(),
        direct.nodes());
  }

  /// Cuts every connection, and lets nobody through.
  void refuse() {
    refusing = true;
    sockets.forEach(LineBetween::cut);
  }

  /// Lets everybody through again.
  void admit() {
    refusing = false;
  }

  private static void cut(Socket socket) {
    try {
      socket.close();
    } catch (IOException _) {
      // It is gone either way.
    }
  }

  /// The next packet that has a text in it meets a fault.
  void next(Fault kind, String text) {
    trigger = text;
    fault = kind;
  }

  /// What was kept back arrives.
  synchronized void deliver() throws IOException {
    for (Kept late : kept) {
      late.server().getOutputStream().write(late.bytes());
      late.server().getOutputStream().flush();
    }
    kept.clear();
  }

  synchronized boolean hasKept() {
    return !kept.isEmpty();
  }

  private void serve() {
    try {
      while (true) {
        Socket client = door.accept();
        if (refusing) {
          client.close();
          continue;
        }
        Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
        sockets.add(client);
        sockets.add(server);
        Thread.ofVirtual().start(() -> towardsServer(client, server));
        Thread.ofVirtual().start(() -> pass(server, client));
      }
    } catch (IOException _) {
      // closed
    }
  }

  private void towardsServer(Socket client, Socket server) {
    byte[] buffer = new byte[1 << 20];
    try {
      InputStream in = client.getInputStream();
      OutputStream out = server.getOutputStream();
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        byte[] bytes = java.util.Arrays.copyOf(buffer, count);
        Fault meets = meets(bytes);
        switch (meets) {
          case NONE -> out.write(bytes);
          case CUT_BEFORE_ANSWER -> {
            client.close();
            out.write(bytes);
          }
          case CUT_BEFORE_ARRIVAL -> {
            client.close();
            server.close();
          }
          case DELAYED -> {
            keep(new Kept(server, bytes));
            client.close();
          }
        }
        if (meets != Fault.NONE) {
          return;
        }
      }
      server.close();
    } catch (IOException _) {
      // cut
    }
  }

  private synchronized void keep(Kept late) {
    kept.add(late);
  }

  private Fault meets(byte[] bytes) {
    if (fault != Fault.NONE
        && new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1).contains(trigger)) {
      Fault meets = fault;
      fault = Fault.NONE;
      return meets;
    }
    return Fault.NONE;
  }

  private static void pass(Socket from, Socket to) {
    try {
      from.getInputStream().transferTo(to.getOutputStream());
      to.close();
    } catch (IOException _) {
      // cut
    }
  }

  @Override
  public void close() throws IOException {
    door.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }
}
