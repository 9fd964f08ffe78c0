package faregate.identity;

import faregate.id.TokenId;
import faregate.id.UserId;
import faregate.id.WalletId;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jdbi.v3.core.statement.Query;

/// The statements about accounts and tokens.
final class IdentitySql {
  private static final String USER =
      "SELECT id, name, tier, wallet, created FROM account WHERE kind = 'user'";
  private static final String TOKEN =
      """
      SELECT t.digest, t.id AS token, t.name AS token_name, t.permissions, t.clamp_output,
        t.created AS token_created, t.expires, t.revoked, t.used_day, t.payer,
        t.requests_per_hour,
        a.id, a.name, a.tier, a.tier_number, a.wallet, a.created,
        s.account AS scope, s.permissions AS scope_permissions, o.name AS scope_name
      FROM token t JOIN account a ON a.id = t.account
      LEFT JOIN token_scope s ON s.token = t.id
      LEFT JOIN account o ON o.id = s.account
      """;
  private static final RowMapper<User> TO_USER =
      (row, _) ->
          new User(
              new UserId(row.getLong("id")),
              row.getString("name"),
              Tier.valueOf(row.getString("tier")),
              new WalletId(row.getLong("wallet")),
              row.getLong("created"));
  private static final RowMapper<TokenRow> TO_TOKEN =
      (row, context) -> {
        User owner = TO_USER.map(row, context);
        List<Scope> scopes = ScopeSql.of(row);
        long expires = row.getLong("expires");
        boolean ends = !row.wasNull();
        Token token =
            new Token(
                new TokenId(row.getLong("token")),
                owner.id(),
                owner.name(),
                row.getString("token_name"),
                scopes.isEmpty()
                    ? Permissions.parse(row.getString("permissions"))
                    : scopes.getFirst().permissions(),
                scopes,
                row.getInt("clamp_output") == 1,
                row.getInt("requests_per_hour"),
                row.getLong("token_created"),
                ends ? expires : Token.NEVER,
                row.getLong("revoked"),
                row.getLong("used_day"));
        String payer = Objects.requireNonNullElse(row.getString("payer"), "");
        return new TokenRow(
            TokenDigest.parse(row.getString("digest")),
            token,
            owner,
            row.getLong("tier_number"),
            payer);
      };

  private IdentitySql() {}

  /// The form in which names are unique.
  static String key(String name) {
    return name.toLowerCase(Locale.ROOT);
  }

  /// Takes the number of a change that is about to be made, until the end of the transaction.
  static long nextChange(Handle handle) {
    return handle
        .createQuery(
            "UPDATE identity_change SET number = number + 1 WHERE one = 1 RETURNING number")
        .mapTo(Long.class)
        .one();
  }

  static long lastChange(Handle handle) {
    return handle
        .createQuery("SELECT number FROM identity_change WHERE one = 1")
        .mapTo(Long.class)
        .one();
  }

  /// @return false when the name is taken
  static boolean insertUser(Handle handle, User user, long change) {
    return handle
            .createUpdate(
                """
                INSERT INTO account (id, kind, name, name_key, tier, wallet, created, changed)
                VALUES (:id, 'user', :name, :key, :tier, :wallet, :created, :change)
                ON CONFLICT (name_key) DO NOTHING
                """)
            .bind("id", user.id().value())
            .bind("name", user.name())
            .bind("key", key(user.name()))
            .bind("tier", user.tier().name())
            .bind("wallet", user.wallet().value())
            .bind("created", user.createdMicros())
            .bind("change", change)
            .execute()
        == 1;
  }

  static void setTier(Handle handle, UserId user, Tier tier, long change) {
    handle.execute(
        "UPDATE account SET tier = ?, tier_number = ?, changed = ? WHERE id = ?",
        tier.name(),
        change,
        change,
        user.value());
  }

  static Optional<User> user(Handle handle, String name) {
    return handle
        .createQuery(USER + " AND name_key = :key")
        .bind("key", key(name))
        .map(TO_USER)
        .findOne();
  }

  static Optional<User> user(Handle handle, WalletId wallet) {
    return handle
        .createQuery(USER + " AND wallet = :wallet")
        .bind("wallet", wallet.value())
        .map(TO_USER)
        .findOne();
  }

  static List<User> users(Handle handle) {
    return handle.createQuery(USER + " ORDER BY name_key").map(TO_USER).list();
  }

  static List<String> userNames(Handle handle, int limit) {
    return handle
        .createQuery("SELECT name FROM account WHERE kind = 'user' ORDER BY id DESC LIMIT :limit")
        .bind("limit", limit)
        .mapTo(String.class)
        .list();
  }

  static void insertToken(Handle handle, TokenRow row, long change) {
    Token token = row.token();
    handle
        .createUpdate(
            """
            INSERT INTO token (id, digest, account, name, permissions, clamp_output,
              requests_per_hour, created, expires, revoked, used_day, payer, changed)
            VALUES (:id, :digest, :account, :name, :permissions, :clamp,
              :limit, :created, :expires, NULL, 0, :payer, :change)
            """)
        .bind("id", token.id().value())
        .bind("digest", row.digest().text())
        .bind("account", token.user().value())
        .bind("name", token.name())
        .bind("permissions", token.scopes().isEmpty() ? Permissions.text(token.permissions()) : "")
        .bind("clamp", token.clampOutput() ? 1 : 0)
        .bind("limit", token.requestsPerHour())
        .bind("created", token.createdMicros())
        .bind("expires", token.expiresMicros() == Token.NEVER ? null : token.expiresMicros())
        .bind("payer", row.payer().isEmpty() ? null : row.payer())
        .bind("change", change)
        .execute();
    ScopeSql.insert(handle, token);
  }

  static void revoke(Handle handle, TokenId token, long nowMicros, long change) {
    handle.execute(
        "UPDATE token SET revoked = ?, changed = ? WHERE id = ? AND revoked IS NULL",
        nowMicros,
        change,
        token.value());
  }

  static void limit(Handle handle, TokenId token, int requestsPerHour, long change) {
    handle.execute(
        "UPDATE token SET requests_per_hour = ?, changed = ? WHERE id = ?",
        requestsPerHour,
        change,
        token.value());
  }

  static Optional<TokenRow> token(Handle handle, TokenId token) {
    return list(handle.createQuery(TOKEN + " WHERE t.id = :id").bind("id", token.value())).stream()
        .findFirst();
  }

  static List<TokenRow> tokens(Handle handle) {
    return list(handle.createQuery(TOKEN + " ORDER BY a.name_key, t.id"));
  }

  static List<TokenRow> tokens(Handle handle, UserId user) {
    return list(
        handle
            .createQuery(TOKEN + " WHERE t.account = :user ORDER BY t.id")
            .bind("user", user.value()));
  }

  /// @param digests one at least
  static List<TokenRow> tokens(Handle handle, Collection<TokenDigest> digests) {
    return list(
        handle
            .createQuery(TOKEN + " WHERE t.digest IN (<digests>)")
            .bindList("digests", digests.stream().map(TokenDigest::text).toList()));
  }

  /// A token has a row for each account that it is for.
  private static List<TokenRow> list(Query query) {
    Map<TokenId, TokenRow> tokens = new LinkedHashMap<>();
    for (TokenRow row : query.map(TO_TOKEN).list()) {
      tokens.merge(row.token().id(), row, TokenRow::joined);
    }
    return List.copyOf(tokens.values());
  }

  /// Digests of the tokens that changed behind a number; all of them behind -1.
  static void digestsChangedAfter(Handle handle, long number, Consumer<TokenDigest> to) {
    handle
        .createQuery("SELECT digest FROM token WHERE changed > :number")
        .bind("number", number)
        .setFetchSize(1000)
        .mapTo(String.class)
        .useStream(digests -> digests.map(TokenDigest::parse).forEach(to));
  }

  static List<UserId> usersChangedAfter(Handle handle, long number) {
    return handle
        .createQuery("SELECT id FROM account WHERE changed > :number")
        .bind("number", number)
        .map((row, _) -> new UserId(row.getLong(1)))
        .list();
  }

  static void setUsedDay(Handle handle, Collection<TokenId> tokens, long day) {
    var batch =
        handle.prepareBatch("UPDATE token SET used_day = :day WHERE id = :id AND used_day < :day");
    for (TokenId token : tokens) {
      batch.bind("day", day).bind("id", token.value()).add();
    }
    batch.execute();
  }
}
