package faregate.cli;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

/// Somebody beside the nodes of a database who can sit on a wallet's lots, and sees who does.
final class LockedLots implements AutoCloseable {
  private static final String IDLE_IN_TRANSACTION =
      """
      SELECT count(*) FROM pg_stat_activity
      WHERE application_name = 'faregate ledger' AND state = 'idle in transaction'
      """;
  private static final int TRIES_MAX = 20;
  private static final int SIT_MILLIS = 250;
  private static final int LOOK_MILLIS = 1_000;
  private static final int CERTAIN_MILLIS = 50;

  private final Connection connection;
  private final long wallet;

  /// @param url as the driver wants it
  /// @param name of a user or an organization
  LockedLots(String url, String name) throws SQLException {
    connection = DriverManager.getConnection(url);
    wallet = number("SELECT wallet FROM account WHERE name = '" + name + "'");
    connection.setAutoCommit(false);
  }

  /// Stops a node when it has the lots locked, in a transaction that waits for its next word. It
  /// locks them to try again what somebody else kept it from, so they are kept from it first.
  ///
  /// @param node whose answers come late, so that its transactions take their time
  /// @return how often that had to be tried
  int stopInside(Child node) throws Exception {
    for (int tries = 1; tries <= TRIES_MAX; tries++) {
      number("SELECT count(*) FROM (SELECT 1 FROM lot WHERE wallet = " + wallet + " FOR UPDATE) l");
      Thread.sleep(SIT_MILLIS);
      connection.commit();
      if (awaitLocked()) {
        node.signal("STOP");
        Thread.sleep(CERTAIN_MILLIS);
        if (isLocked()) {
          return tries;
        }
        node.signal("CONT");
      }
    }
    throw new AssertionError("the node was never caught inside a transaction");
  }

  private boolean awaitLocked() throws SQLException, InterruptedException {
    long until = System.nanoTime() + Duration.ofMillis(LOOK_MILLIS).toNanos();
    while (System.nanoTime() < until) {
      if (isLocked()) {
        return true;
      }
      Thread.sleep(2);
    }
    return false;
  }

  /// Whether a node that says nothing for the moment has a lot locked.
  private boolean isLocked() throws SQLException {
    if (number(IDLE_IN_TRANSACTION) == 0) {
      connection.rollback();
      return false;
    }
    long all = number("SELECT count(*) FROM lot WHERE wallet = " + wallet);
    long free =
        number(
            "SELECT count(*) FROM (SELECT 1 FROM lot WHERE wallet = "
                + wallet
                + " FOR UPDATE SKIP LOCKED) l");
    connection.rollback();
    return free < all;
  }

  private long number(String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getLong(1);
    }
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
