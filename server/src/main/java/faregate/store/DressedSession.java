package faregate.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// A lane's connection with something around it: the same as long as what is inside is the same.
final class DressedSession implements Lane.Session {
  private final Lane.Session inner;
  private final UnaryOperator<Connection> around;
  private @Nullable Connection known;
  private @Nullable Connection dressed;

  DressedSession(Lane.Session inner, UnaryOperator<Connection> around) {
    this.inner = inner;
    this.around = around;
  }

  @Override
  @SuppressWarnings("ReferenceEquality")
  public Connection connection() throws SQLException {
    Connection connection = inner.connection();
    Connection given = dressed;
    if (given == null || connection != known) {
      given = around.apply(connection);
      known = connection;
      dressed = given;
    }
    return given;
  }

  @Override
  public void broken() {
    inner.broken();
  }

  @Override
  public boolean isShared() {
    return inner.isShared();
  }

  @Override
  public Connection another() throws SQLException {
    return inner.another();
  }
}
