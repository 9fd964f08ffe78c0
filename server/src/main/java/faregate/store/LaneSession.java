package faregate.store;

import java.sql.Connection;
import java.sql.SQLException;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The connection of a lane, and how to open another. All but [#another] only on the lane's thread.
final class LaneSession implements Lane.Session, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LaneSession.class);

  private final Membership.@Nullable Connecting connecting;
  private @Nullable Handle handle;
  private boolean closed;

  private LaneSession(Membership.@Nullable Connecting connecting, @Nullable Handle handle) {
    this.connecting = connecting;
    this.handle = handle;
  }

  /// The one connection that writes to a file.
  static LaneSession of(Connection only) {
    return new LaneSession(null, Jdbi.open(only));
  }

  /// Connections to a server, one after the other.
  static LaneSession to(Membership.Connecting connecting) {
    return new LaneSession(connecting, null);
  }

  Handle handle() throws SQLException {
    Handle open = handle;
    if (open == null) {
      if (closed) {
        throw new SQLException("the lane is closed");
      }
      open = Jdbi.open(another());
      handle = open;
    }
    return open;
  }

  @Override
  public Connection connection() throws SQLException {
    return handle().getConnection();
  }

  @Override
  public void broken() {
    Handle open = handle;
    if (connecting != null && open != null) {
      handle = null;
      discard(open);
    }
  }

  @Override
  public boolean isShared() {
    return connecting != null;
  }

  @Override
  public Connection another() throws SQLException {
    if (connecting == null) {
      throw new SQLException("this database belongs to one process and one writer");
    }
    return connecting.open();
  }

  private static void discard(Handle open) {
    try {
      open.close();
    } catch (RuntimeException e) {
      LOG.debug("a broken connection did not close", e);
    }
  }

  @Override
  public void close() {
    closed = true;
    Handle open = handle;
    handle = null;
    if (open != null) {
      discard(open);
    }
  }
}
