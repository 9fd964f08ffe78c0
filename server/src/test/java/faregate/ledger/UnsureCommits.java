package faregate.ledger;

import faregate.store.Lane;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/// Stands between the writer and the driver, and makes a commit fail of which nobody can tell
/// whether it was written; from then on nothing can be read or written, until it is healed.
final class UnsureCommits {
  /// What becomes of the next commit.
  enum Fate {
    SURE,
    WRITTEN,
    /// It is followed by an error that no code expects.
    WRITTEN_WITH_AN_ERROR,
    /// It is not even taken back.
    LEFT_OPEN
  }

  private volatile Fate fate = Fate.SURE;
  private volatile boolean broken;
  private volatile String failing = "";
  private volatile String failure = "";

  UnsureCommits(Lane lane) {
    lane.dress(this::around);
  }

  void next(Fate next) {
    fate = next;
  }

  void heal() {
    broken = false;
  }

  /// The next statement with this text in it fails, once.
  ///
  /// @param state the SQLSTATE of the failure
  void failOnce(String text, String state) {
    failure = state;
    failing = text;
  }

  /// Whether that has happened.
  boolean hasFailed() {
    return failing.isEmpty();
  }

  @SuppressWarnings("ReferenceEquality")
  private Connection around(Connection real) {
    return (Connection)
        Proxy.newProxyInstance(
            UnsureCommits.class.getClassLoader(),
            new Class<?>[] {Connection.class},
            (self, method, arguments) ->
                switch (method.getName()) {
                  case "prepareStatement" ->
                      around((PreparedStatement) call(real, method, arguments), arguments);
                  case "equals" -> self == arguments[0];
                  default -> call(real, method, arguments);
                });
  }

  private PreparedStatement around(PreparedStatement real, Object[] texts) {
    return (PreparedStatement)
        Proxy.newProxyInstance(
            UnsureCommits.class.getClassLoader(),
            new Class<?>[] {PreparedStatement.class},
            (_, method, arguments) ->
                method.getName().startsWith("execute")
                    ? execute(real, (String) texts[0], method, arguments)
                    : call(real, method, arguments));
  }

  private Object execute(PreparedStatement real, String text, Method method, Object[] arguments)
      throws Throwable {
    if (!broken && !failing.isEmpty() && text.contains(failing)) {
      failing = "";
      throw new SQLException("an error (injected)", failure);
    }
    boolean commit = text.equals("COMMIT");
    if (!broken && !(commit && fate != Fate.SURE)) {
      return call(real, method, arguments);
    }
    if (!broken) {
      broken = true;
      Fate met = fate;
      fate = Fate.SURE;
      if (met != Fate.LEFT_OPEN) {
        call(real, method, arguments);
      }
      if (met == Fate.WRITTEN_WITH_AN_ERROR) {
        throw new LinkageError("injected");
      }
    }
    throw new SQLException("disk I/O error (injected)");
  }

  private static Object call(Object real, Method method, Object[] arguments) throws Throwable {
    try {
      return method.invoke(real, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }
}
