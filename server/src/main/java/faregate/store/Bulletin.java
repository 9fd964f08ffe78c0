package faregate.store;

import faregate.kit.Clock;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Notices for every process on a shared database: "look at this again".
///
/// A notice is a number that has risen, and polling it is what can be relied on: two looks a
/// second. LISTEN and NOTIFY only make it quicker, where the database has them. A notice that
/// nobody follows yet is kept for whoever follows it first. Thread-safe.
final class Bulletin implements AutoCloseable {
  static final String CHANNEL = "faregate";
  private static final Logger LOG = LoggerFactory.getLogger(Bulletin.class);
  private static final int LOOK_MILLIS = 400;
  private static final int LOOKS_TO_REPLICATION = 25;

  private final Membership.Connecting connecting;
  private final Clock clock;
  private final Map<String, Runnable> readers = new ConcurrentHashMap<>();
  private final Map<String, Long> seen = new ConcurrentHashMap<>();
  private final Thread thread =
      Thread.ofPlatform().name("faregate-bulletin").daemon(true).unstarted(this::work);
  private @Nullable Handle handle;
  private int looks;
  private boolean failing;
  private volatile String replication = ReplicationSql.UNKNOWN;
  private volatile long heardNanos;
  private volatile boolean closing;

  Bulletin(Membership.Connecting connecting, Clock clock) {
    this.connecting = connecting;
    this.clock = clock;
  }

  /// Begins to read. What was posted before is old.
  ///
  /// @throws SQLException when the database does not answer
  Bulletin start() throws SQLException {
    heardNanos = clock.nanoTime();
    seen.putAll(BulletinSql.numbers(connected()));
    thread.start();
    return this;
  }

  /// Calls somebody whenever another process has posted on a topic; on this class's thread.
  void follow(String topic, Runnable reader) {
    readers.put(topic, reader);
  }

  /// How long ago everything that was posted by then was told to its reader.
  long unheardNanos() {
    return clock.nanoTime() - heardNanos;
  }

  /// Tells that a notice was posted by this very process, which therefore knows of it.
  void posted(String topic, long number) {
    seen.merge(topic, number, Math::max);
  }

  private void work() {
    while (!closing) {
      try {
        look(connected());
        lookAtReplicas();
        failing = false;
      } catch (SQLException | RuntimeException | Error e) {
        disconnect();
        if (!failing && !closing) {
          LOG.warn("notices of other nodes cannot be read: {}", e.getMessage());
        }
        failing = true;
        rest();
      }
    }
    disconnect();
  }

  private void look(Handle open) throws SQLException {
    PGConnection hints = open.getConnection().unwrap(PGConnection.class);
    hints.getNotifications(LOOK_MILLIS);
    long began = clock.nanoTime();
    for (Map.Entry<String, Long> each : BulletinSql.numbers(open).entrySet()) {
      Runnable reader = readers.get(each.getKey());
      long before = seen.getOrDefault(each.getKey(), 0L);
      // Lower where a database was promoted that had not heard of all: what it says counts anew.
      if (reader != null && each.getValue() != before) {
        seen.put(each.getKey(), each.getValue());
        tell(each.getKey(), reader);
      }
    }
    heardNanos = began;
  }

  /// Which kind of replication was seen some seconds ago.
  String replication() {
    return replication;
  }

  /// Every ten seconds; on a connection that waits for nothing else.
  private void lookAtReplicas() throws SQLException {
    if (looks++ % LOOKS_TO_REPLICATION == 0) {
      try {
        replication = ReplicationSql.kind(connected());
      } catch (RuntimeException e) {
        LOG.debug("this database does not tell about replication", e);
        replication = ReplicationSql.UNKNOWN;
      }
    }
  }

  private void tell(String topic, Runnable reader) {
    if (!closing) {
      try {
        reader.run();
      } catch (RuntimeException e) {
        LOG.error("the notice '{}' of another node could not be followed", topic, e);
      }
    }
  }

  private Handle connected() throws SQLException {
    Handle open = handle;
    if (open == null) {
      open = Jdbi.open(connecting.open());
      handle = open;
      listen(open);
    }
    return open;
  }

  /// A database without LISTEN is polled only.
  private static void listen(Handle open) {
    try {
      open.execute("LISTEN " + CHANNEL);
    } catch (RuntimeException e) {
      LOG.debug("this database does not know LISTEN; it is polled", e);
    }
  }

  private void disconnect() {
    Handle open = handle;
    handle = null;
    if (open != null) {
      try {
        open.close();
      } catch (RuntimeException e) {
        LOG.debug("a broken connection did not close", e);
      }
    }
  }

  private void rest() {
    try {
      Thread.sleep(LOOK_MILLIS);
    } catch (InterruptedException _) {
      closing = true;
    }
  }

  @Override
  public void close() {
    closing = true;
    thread.interrupt();
    try {
      thread.join(2L * LOOK_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
