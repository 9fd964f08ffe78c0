package faregate.identity;

import faregate.id.UserId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import org.jdbi.v3.core.Handle;

/// The statements about what tokens are for.
final class ScopeSql {
  private ScopeSql() {}

  /// Of a row in which a token is joined with one of its scopes, or with none.
  static List<Scope> of(ResultSet row) throws SQLException {
    long account = row.getLong("scope");
    return row.wasNull()
        ? List.of()
        : List.of(
            new Scope(
                new UserId(account),
                row.getString("scope_name"),
                Permissions.parse(row.getString("scope_permissions"))));
  }

  static void insert(Handle handle, Token token) {
    for (Scope scope : token.scopes()) {
      handle.execute(
          "INSERT INTO token_scope (token, account, permissions) VALUES (?, ?, ?)",
          token.id().value(),
          scope.account().value(),
          Permissions.text(scope.permissions()));
    }
  }
}
