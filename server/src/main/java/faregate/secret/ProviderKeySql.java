package faregate.secret;

import faregate.id.UserId;
import java.util.List;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.mapper.RowMapper;

/// The statements about provider keys.
final class ProviderKeySql {
  /// @param changedMicros when it was set
  record Row(long id, UserId account, String provider, String ciphertext, long changedMicros) {
    /// What the ciphertext is bound to.
    String context() {
      return context(id, account, provider);
    }

    static String context(long id, UserId account, String provider) {
      return "faregate provider key " + id + " " + account.value() + " " + provider;
    }
  }

  private static final RowMapper<Row> TO_ROW =
      (row, _) ->
          new Row(
              row.getLong("id"),
              new UserId(row.getLong("account")),
              row.getString("provider"),
              row.getString("ciphertext"),
              row.getLong("changed"));

  private ProviderKeySql() {}

  static List<Row> all(Handle handle) {
    return handle
        .createQuery("SELECT id, account, provider, ciphertext, changed FROM provider_key")
        .map(TO_ROW)
        .list();
  }

  static List<Row> of(Handle handle, UserId account) {
    return handle
        .createQuery(
            """
            SELECT id, account, provider, ciphertext, changed FROM provider_key
            WHERE account = :account ORDER BY provider
            """)
        .bind("account", account.value())
        .map(TO_ROW)
        .list();
  }

  static boolean isEmpty(Handle handle) {
    return handle
        .createQuery("SELECT id FROM provider_key LIMIT 1")
        .mapTo(Long.class)
        .findFirst()
        .isEmpty();
  }

  /// In place of the account's key for that provider, if it has one. One statement, so that of two
  /// who set it at once the later one stays, and neither fails.
  static void put(Handle handle, Row row) {
    handle
        .createUpdate(
            """
            INSERT INTO provider_key (id, account, provider, ciphertext, changed)
            VALUES (:id, :account, :provider, :ciphertext, :changed)
            ON CONFLICT (account, provider) DO UPDATE SET
              id = excluded.id, ciphertext = excluded.ciphertext, changed = excluded.changed
            """)
        .bind("id", row.id())
        .bind("account", row.account().value())
        .bind("provider", row.provider())
        .bind("ciphertext", row.ciphertext())
        .bind("changed", row.changedMicros())
        .execute();
  }

  /// @return whether there was one
  static boolean delete(Handle handle, UserId account, String provider) {
    return handle
            .createUpdate(
                "DELETE FROM provider_key WHERE account = :account AND provider = :provider")
            .bind("account", account.value())
            .bind("provider", provider)
            .execute()
        > 0;
  }
}
