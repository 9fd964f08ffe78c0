package faregate.prove;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Harms a database server from outside: what passes on the way to it, and itself where it is ours.
///
/// @param server null for somebody else's
record HarmByProxy(TcpProxy proxy, @Nullable PostgresServer server) implements Site.Harm {
  private static final int BATCH_MILLIS_MAX = 3_000;

  @Override
  public boolean mayKill() {
    return server != null;
  }

  @Override
  public void kill() throws InterruptedException {
    PostgresServer own = Objects.requireNonNull(server, "the server is not ours");
    own.kill();
    own.start();
  }

  @Override
  public void cut() {
    proxy.cut();
  }

  @Override
  public boolean cutBatch(int lateMillis) throws InterruptedException {
    return proxy.cutBatch(lateMillis, BATCH_MILLIS_MAX);
  }

  @Override
  public void stall(boolean on) {
    proxy.stall(on);
  }

  @Override
  public void delay(int millis) {
    proxy.delay(millis);
  }
}
