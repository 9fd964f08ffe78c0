package faregate.identity;

import faregate.id.TokenId;
import faregate.id.UserId;
import faregate.id.WalletId;
import faregate.money.Nanos;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jdbi.v3.core.statement.EmptyHandling;

/// The statements about organizations, their members and groups, and about spending limits.
final class PayerSql {
  private static final String PAYER =
      """
      SELECT a.id, a.kind, a.name, a.tier, a.tier_number, a.wallet, coalesce(o.seats, 1) AS seats
      FROM account a LEFT JOIN organization o ON o.account = a.id
      """;
  private static final RowMapper<Payer> TO_PAYER =
      (row, _) ->
          new Payer(
              new UserId(row.getLong("id")),
              row.getString("name"),
              row.getString("kind").equals("organization"),
              new WalletId(row.getLong("wallet")),
              Tier.valueOf(row.getString("tier")),
              row.getLong("tier_number"),
              row.getLong("seats"),
              List.of());
  private static final RowMapper<Limit> TO_LIMIT =
      (row, _) ->
          new Limit(
              Limit.Scope.valueOf(row.getString("scope").toUpperCase(Locale.ROOT)),
              row.getLong("subject"),
              Nanos.of(row.getLong("amount")),
              row.getLong("number"));

  private PayerSql() {}

  // ---- reading ----

  /// An account with the limits that hold for all of it.
  static Optional<Payer> payer(Handle handle, String name) {
    return handle
        .createQuery(PAYER + " WHERE a.name_key = :key")
        .bind("key", IdentitySql.key(name))
        .map(TO_PAYER)
        .findOne()
        .map(payer -> payer.with(limits(handle, payer.wallet(), 0, 0, List.of())));
  }

  static Optional<Payer> payer(Handle handle, WalletId wallet) {
    return handle
        .createQuery(PAYER + " WHERE a.wallet = :wallet")
        .bind("wallet", wallet.value())
        .map(TO_PAYER)
        .findOne()
        .map(payer -> payer.with(limits(handle, wallet, 0, 0, List.of())));
  }

  static Optional<String> accountName(Handle handle, UserId account) {
    return handle
        .createQuery("SELECT name FROM account WHERE id = :id")
        .bind("id", account.value())
        .mapTo(String.class)
        .findOne();
  }

  static Optional<String> groupName(Handle handle, long group) {
    return handle
        .createQuery("SELECT name FROM resource_group WHERE id = :id")
        .bind("id", group)
        .mapTo(String.class)
        .findOne();
  }

  static List<Payer> organizations(Handle handle) {
    return handle
        .createQuery(PAYER + " WHERE a.kind = 'organization' ORDER BY a.name_key")
        .map(TO_PAYER)
        .list();
  }

  /// Those that a user is in.
  static List<Payer> organizations(Handle handle, UserId member) {
    return handle
        .createQuery(
            PAYER
                + """
                 JOIN member m ON m.organization = a.id
                WHERE m.account = :member ORDER BY a.name_key
                """)
        .bind("member", member.value())
        .map(TO_PAYER)
        .list();
  }

  /// Limits that count for a call of this user and token, the account's own included. Each part
  /// finds its rows by the key, for an organization may have thousands of other members' limits.
  static List<Limit> limits(
      Handle handle, WalletId wallet, long user, long token, List<Group> groups) {
    return handle
        .createQuery(
            """
            SELECT scope, subject, amount, number FROM spending_limit
            WHERE wallet = :wallet AND scope IN ('payg', 'account')
            UNION ALL
            SELECT scope, subject, amount, number FROM spending_limit
            WHERE wallet = :wallet AND scope = 'member' AND subject = :user
            UNION ALL
            SELECT scope, subject, amount, number FROM spending_limit
            WHERE wallet = :wallet AND scope = 'token' AND subject = :token
            UNION ALL
            SELECT scope, subject, amount, number FROM spending_limit
            WHERE wallet = :wallet AND scope = 'group' AND subject IN (<groups>)
            ORDER BY scope, subject
            """)
        .bind("wallet", wallet.value())
        .bind("user", user)
        .bind("token", token)
        .bindList(EmptyHandling.NULL_KEYWORD, "groups", groups.stream().map(Group::id).toList())
        .map(TO_LIMIT)
        .list();
  }

  /// All limits of a wallet, with the names of whom they are for.
  static List<NamedLimit> namedLimits(Handle handle, WalletId wallet) {
    return handle
        .createQuery(
            """
            SELECT s.scope, s.subject, s.amount, s.number, coalesce(a.name, g.name) AS name
            FROM spending_limit s
            LEFT JOIN account a ON s.scope = 'member' AND a.id = s.subject
            LEFT JOIN resource_group g ON s.scope = 'group' AND g.id = s.subject
            WHERE s.wallet = :wallet ORDER BY s.scope, s.subject
            """)
        .bind("wallet", wallet.value())
        .map(
            (row, context) -> {
              Limit limit = TO_LIMIT.map(row, context);
              String name = row.getString("name");
              String id = limit.subject() == 0 ? "" : Long.toString(limit.subject());
              return new NamedLimit(limit, name == null ? id : name);
            })
        .list();
  }

  /// The organizations of a user, with what counts for one token.
  static List<Membership> memberships(Handle handle, UserId user, TokenId token) {
    Map<Long, Role> roles = new HashMap<>();
    List<Payer> organizations =
        handle
            .createQuery(
                """
                SELECT a.id, a.kind, a.name, a.tier, a.tier_number, a.wallet, o.seats, m.role
                FROM member m
                JOIN account a ON a.id = m.organization
                JOIN organization o ON o.account = a.id
                WHERE m.account = :user ORDER BY a.name_key
                """)
            .bind("user", user.value())
            .map(
                (row, context) -> {
                  roles.put(row.getLong("id"), Role.valueOf(row.getString("role")));
                  return TO_PAYER.map(row, context);
                })
            .list();
    List<Membership> memberships = new ArrayList<>();
    for (Payer organization : organizations) {
      List<Group> groups = groups(handle, organization.account(), user);
      List<Limit> limits =
          limits(handle, organization.wallet(), user.value(), token.value(), groups);
      Role role = roles.getOrDefault(organization.account().value(), Role.READ);
      memberships.add(new Membership(organization.with(limits), role, groups));
    }
    return memberships;
  }

  private static List<Group> groups(Handle handle, UserId organization, UserId user) {
    return handle
        .createQuery(
            """
            SELECT g.id, g.name FROM resource_group g
            JOIN group_member m ON m.resource_group = g.id
            WHERE g.organization = :organization AND m.account = :user ORDER BY g.id
            """)
        .bind("organization", organization.value())
        .bind("user", user.value())
        .map((row, _) -> new Group(row.getLong(1), row.getString(2)))
        .list();
  }

  static List<Group> groups(Handle handle, UserId organization) {
    return handle
        .createQuery("SELECT id, name FROM resource_group WHERE organization = :of ORDER BY id")
        .bind("of", organization.value())
        .map((row, _) -> new Group(row.getLong(1), row.getString(2)))
        .list();
  }

  static Optional<Group> group(Handle handle, UserId organization, String name) {
    return groups(handle, organization).stream()
        .filter(group -> group.name().equalsIgnoreCase(name) || group.hubId().equals(name))
        .findFirst();
  }

  static List<Organizations.Member> members(Handle handle, UserId organization) {
    return handle
        .createQuery(
            """
            SELECT a.id, a.name, m.role FROM member m JOIN account a ON a.id = m.account
            WHERE m.organization = :of ORDER BY a.name_key
            """)
        .bind("of", organization.value())
        .map(
            (row, _) ->
                new Organizations.Member(
                    new UserId(row.getLong(1)), row.getString(2), Role.valueOf(row.getString(3))))
        .list();
  }

  // ---- writing; each is followed by [#touched] in the same transaction ----

  static boolean insert(Handle handle, Payer organization, long nowMicros, long change) {
    boolean isNew =
        handle.execute(
                """
                INSERT INTO account (id, kind, name, name_key, tier, wallet, created, changed)
                VALUES (?, 'organization', ?, ?, ?, ?, ?, ?)
                ON CONFLICT (name_key) DO NOTHING
                """,
                organization.account().value(),
                organization.name(),
                IdentitySql.key(organization.name()),
                organization.tier().name(),
                organization.wallet().value(),
                nowMicros,
                change)
            == 1;
    if (isNew) {
      handle.execute(
          "INSERT INTO organization (account, seats) VALUES (?, ?)",
          organization.account().value(),
          organization.seats());
    }
    return isNew;
  }

  static void seats(Handle handle, UserId organization, long seats) {
    handle.execute(
        "UPDATE organization SET seats = ? WHERE account = ?", seats, organization.value());
  }

  static void addMember(Handle handle, UserId organization, UserId user, Role role) {
    handle.execute(
        """
        INSERT INTO member (organization, account, role) VALUES (?, ?, ?)
        ON CONFLICT (organization, account) DO UPDATE SET role = excluded.role
        """,
        organization.value(),
        user.value(),
        role.name());
  }

  /// From its groups too.
  static int removeMember(Handle handle, UserId organization, UserId user) {
    handle.execute(
        """
        DELETE FROM group_member WHERE account = ? AND resource_group IN
          (SELECT id FROM resource_group WHERE organization = ?)
        """,
        user.value(),
        organization.value());
    return handle.execute(
        "DELETE FROM member WHERE organization = ? AND account = ?",
        organization.value(),
        user.value());
  }

  static boolean addGroup(Handle handle, UserId organization, Group group) {
    return handle.execute(
            """
            INSERT INTO resource_group (id, organization, name, name_key) VALUES (?, ?, ?, ?)
            ON CONFLICT (organization, name_key) DO NOTHING
            """,
            group.id(),
            organization.value(),
            group.name(),
            IdentitySql.key(group.name()))
        == 1;
  }

  static void addToGroup(Handle handle, Group group, UserId user) {
    handle.execute(
        """
        INSERT INTO group_member (resource_group, account) VALUES (?, ?)
        ON CONFLICT (resource_group, account) DO NOTHING
        """,
        group.id(),
        user.value());
  }

  static void removeFromGroup(Handle handle, Group group, UserId user) {
    handle.execute(
        "DELETE FROM group_member WHERE resource_group = ? AND account = ?",
        group.id(),
        user.value());
  }

  static void limit(Handle handle, WalletId wallet, Limit limit) {
    handle.execute(
        """
        INSERT INTO spending_limit (wallet, scope, subject, amount, number) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (wallet, scope, subject)
        DO UPDATE SET amount = excluded.amount, number = excluded.number
        """,
        wallet.value(),
        limit.scope().text(),
        limit.subject(),
        limit.amount().value(),
        limit.number());
  }

  static void unlimit(Handle handle, WalletId wallet, Limit.Scope scope, long subject) {
    handle.execute(
        "DELETE FROM spending_limit WHERE wallet = ? AND scope = ? AND subject = ?",
        wallet.value(),
        scope.text(),
        subject);
  }

  static void payer(Handle handle, TokenId token, String payer, long change) {
    handle.execute(
        "UPDATE token SET payer = ?, changed = ? WHERE id = ?",
        payer.isEmpty() ? null : payer,
        change,
        token.value());
  }

  /// Makes every process read anew who may be paid by this account: itself and its members.
  static void touched(Handle handle, UserId account, long change) {
    handle.execute(
        """
        UPDATE account SET changed = ? WHERE id = ?
          OR id IN (SELECT account FROM member WHERE organization = ?)
        """,
        change,
        account.value(),
        account.value());
  }
}
