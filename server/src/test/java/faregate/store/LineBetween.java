package faregate.store;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// A line to a database server that can be cut, delayed or struck dumb, and what was sent on it
/// kept back.
public final class LineBetween implements AutoCloseable {
  /// What becomes of bytes towards the server.
  public enum Fault {
    NONE,
    /// They arrive, but the answer does not, and the client's side is cut.
    CUT_BEFORE_ANSWER,
    /// They do not arrive, and the client's side is cut.
    CUT_BEFORE_ARRIVAL,
    /// The client's side is cut; they arrive when [#deliver] is called.
    DELAYED
  }

  private static final int CHUNK = 64 << 10;

  private record Kept(Socket server, byte[] bytes) {}

  /// One connection.
  private static final class Wire {
    final Socket client;
    final Socket server;

    /// Whether what comes in on either side is thrown away. It stays so.
    volatile boolean dumb;

    Wire(Socket client, Socket server, boolean dumb) {
      this.client = client;
      this.server = server;
      this.dumb = dumb;
    }
  }

  private final ServerSocket door;
  private final int target;
  private final List<Wire> wires = new CopyOnWriteArrayList<>();
  private final List<Kept> kept = new ArrayList<>();
  private volatile Fault fault = Fault.NONE;
  private volatile String trigger = "";
  private volatile boolean refusing;
  private volatile boolean silent;
  private volatile List<String> lastWords = List.of();
  private volatile int delayMillis;

  public LineBetween(int target) throws IOException {
    this.target = target;
    this.door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::serve);
  }

  public int port() {
    return door.getLocalPort();
  }

  /// The same database, on this line.
  public PostgresSettings through(PostgresSettings direct) {
    return new PostgresSettings(
        direct.url().replaceFirst(":[0-9]+/", ":" + port() + "/"),
        direct.user(),
        direct.password(),
        direct.connectionsMax(),
        direct.nodes());
  }

  /// Cuts every connection, and lets nobody through.
  public void refuse() {
    refusing = true;
    wires.forEach(LineBetween::cut);
  }

  /// Lets everybody through again.
  public void admit() {
    refusing = false;
  }

  /// From now on no connection is cut or refused, and nothing passes on any: neither side hears of
  /// it.
  public void silence() {
    silent = true;
    wires.forEach(wire -> wire.dumb = true);
  }

  /// The same as soon as an answer has all these texts in it: half of that answer still arrives.
  public void silenceIn(String... texts) {
    lastWords = List.of(texts);
  }

  public boolean isSilent() {
    return silent;
  }

  /// New connections are what they should be. Those that were silent stay so, as those that a
  /// router has forgotten.
  public void speak() {
    silent = false;
  }

  /// Cuts those that were silent.
  public void cutSilent() {
    wires.stream().filter(wire -> wire.dumb).forEach(LineBetween::cut);
  }

  /// Every answer comes so much later.
  public void delay(int millis) {
    delayMillis = millis;
  }

  /// The next packet that has a text in it meets a fault.
  public void next(Fault kind, String text) {
    trigger = text;
    fault = kind;
  }

  /// What was kept back arrives.
  public synchronized void deliver() throws IOException {
    for (Kept late : kept) {
      late.server().getOutputStream().write(late.bytes());
      late.server().getOutputStream().flush();
    }
    kept.clear();
  }

  public synchronized boolean hasKept() {
    return !kept.isEmpty();
  }

  private static void cut(Wire wire) {
    close(wire.client);
    close(wire.server);
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException _) {
      // It is gone either way.
    }
  }

  private void serve() {
    while (!door.isClosed()) {
      try {
        serve(door.accept());
      } catch (IOException _) {
        // closed
      }
    }
  }

  private void serve(Socket client) {
    if (refusing) {
      close(client);
      return;
    }
    try {
      Wire wire = new Wire(client, new Socket(InetAddress.getLoopbackAddress(), target), silent);
      wires.add(wire);
      if (silent) {
        wire.dumb = true;
      }
      Thread.ofVirtual().start(() -> towardsServer(wire));
      Thread.ofVirtual().start(() -> towardsClient(wire));
    } catch (IOException _) {
      close(client);
    }
  }

  private void towardsServer(Wire wire) {
    byte[] buffer = new byte[CHUNK];
    try {
      InputStream in = wire.client.getInputStream();
      OutputStream out = wire.server.getOutputStream();
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        if (wire.dumb) {
          continue;
        }
        byte[] bytes = Arrays.copyOf(buffer, count);
        Fault meets = meets(bytes);
        switch (meets) {
          case NONE -> out.write(bytes);
          case CUT_BEFORE_ANSWER -> {
            wire.client.close();
            out.write(bytes);
          }
          case CUT_BEFORE_ARRIVAL -> cut(wire);
          case DELAYED -> {
            keep(new Kept(wire.server, bytes));
            wire.client.close();
          }
        }
        if (meets != Fault.NONE) {
          return;
        }
      }
      if (!wire.dumb) {
        wire.server.close();
      }
    } catch (IOException _) {
      // cut
    }
  }

  private synchronized void keep(Kept late) {
    kept.add(late);
  }

  private Fault meets(byte[] bytes) {
    if (fault != Fault.NONE && contains(bytes, trigger)) {
      Fault meets = fault;
      fault = Fault.NONE;
      return meets;
    }
    return Fault.NONE;
  }

  private static boolean contains(byte[] bytes, String text) {
    return new String(bytes, StandardCharsets.ISO_8859_1).contains(text);
  }

  private void towardsClient(Wire wire) {
    byte[] buffer = new byte[CHUNK];
    try {
      InputStream in = wire.server.getInputStream();
      OutputStream out = wire.client.getOutputStream();
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        if (delayMillis > 0) {
          Thread.sleep(delayMillis);
        }
        if (!wire.dumb) {
          byte[] bytes = Arrays.copyOf(buffer, count);
          out.write(bytes, 0, isLast(bytes) ? count / 2 : count);
        }
      }
      if (!wire.dumb) {
        wire.client.close();
      }
    } catch (IOException _) {
      // cut
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized boolean isLast(byte[] bytes) {
    List<String> texts = lastWords;
    if (texts.isEmpty() || !texts.stream().allMatch(text -> contains(bytes, text))) {
      return false;
    }
    lastWords = List.of();
    silence();
    return true;
  }

  @Override
  public void close() throws IOException {
    door.close();
    wires.forEach(LineBetween::cut);
  }
}
