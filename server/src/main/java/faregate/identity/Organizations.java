package faregate.identity;

import faregate.id.TokenId;
import faregate.id.UserId;
import faregate.id.WalletId;
import faregate.kit.Clock;
import faregate.kit.NearNames;
import faregate.money.Nanos;
import faregate.store.Database;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/// Organizations, their members and resource groups, and spending limits of all accounts.
///
/// Everything blocks. Each change is durable when its method returns, and felt by every process
/// within a second.
public final class Organizations {
  private static final int NAMES_SEARCHED_MAX = 5000;
  private static final long SEATS_MAX = 1_000_000;

  private final Database database;
  private final Clock clock;
  private final Runnable changed;

  /// @param changed called after each change, so that this process knows of it at once
  Organizations(Database database, Clock clock, Runnable changed) {
    this.database = database;
    this.clock = clock;
    this.changed = changed;
  }

  public record Member(UserId user, String name, Role role) {}

  /// An organization with all that belongs to it.
  ///
  /// @param limits all of its wallet
  public record Whole(
      Payer organization, List<Member> members, List<Group> groups, List<NamedLimit> limits) {}

  // ---- reading ----

  /// Any account by name, with the limits that hold for all of it.
  public Outcome<Payer> payer(String name) {
    return database.read(handle -> payerOf(handle, name));
  }

  /// Who owns a wallet.
  public Optional<Payer> payer(WalletId wallet) {
    return database.read(handle -> PayerSql.payer(handle, wallet));
  }

  public List<Payer> all() {
    return database.read(PayerSql::organizations);
  }

  public Outcome<Whole> whole(String name) {
    return database.read(
        handle ->
            with(
                organizationOf(handle, name),
                organization ->
                    new Outcome.Done<>(
                        new Whole(
                            organization,
                            PayerSql.members(handle, organization.account()),
                            PayerSql.groups(handle, organization.account()),
                            PayerSql.namedLimits(handle, organization.wallet())))));
  }

  /// The resource groups of an organization.
  public List<Group> groups(Payer organization) {
    return database.read(handle -> PayerSql.groups(handle, organization.account()));
  }

  /// What an account is called.
  public Optional<String> accountName(UserId account) {
    return database.read(handle -> PayerSql.accountName(handle, account));
  }

  /// What a resource group is called.
  public Optional<String> groupName(long group) {
    return database.read(handle -> PayerSql.groupName(handle, group));
  }

  /// All spending limits of a wallet.
  public List<NamedLimit> limits(WalletId wallet) {
    return database.read(handle -> PayerSql.namedLimits(handle, wallet));
  }

  // ---- organizations ----

  public Outcome<Payer> create(String name, Tier tier, long seats) {
    if (!Identities.isName(name)) {
      return new Outcome.Malformed<>(Identities.badName(name));
    }
    if (isNoTier(tier)) {
      return new Outcome.Malformed<>(badTier(tier));
    }
    if (isNoSeats(seats)) {
      return new Outcome.Malformed<>(badSeats(seats));
    }
    UserId id = new UserId(database.ids().next());
    WalletId wallet = new WalletId(database.ids().next());
    Payer organization = new Payer(id, name, true, wallet, tier, 0, seats, List.of());
    return write(
        (handle, change) ->
            PayerSql.insert(handle, organization, clock.micros(), change)
                ? new Outcome.Done<>(organization)
                : new Outcome.Refused<>(
                    "the name '%s' is taken: choose another one".formatted(name)));
  }

  /// More seats add to this month's grant; fewer take nothing back.
  public Outcome<Payer> setSeats(String name, long seats) {
    if (isNoSeats(seats)) {
      return new Outcome.Malformed<>(badSeats(seats));
    }
    return change(
        name,
        (handle, organization) -> {
          PayerSql.seats(handle, organization.account(), seats);
          return payerOf(handle, name);
        });
  }

  /// Moves an organization to another tier; what it grants this month follows with the next call. A
  /// larger grant is given, a smaller one takes nothing back. Resource groups stay, and can be made
  /// by enterprise only.
  public Outcome<Payer> setTier(String name, Tier tier) {
    if (isNoTier(tier)) {
      return new Outcome.Malformed<>(badTier(tier));
    }
    return write(
        (handle, number) ->
            with(
                organizationOf(handle, name),
                organization -> {
                  if (organization.tier() != tier) {
                    IdentitySql.setTier(handle, organization.account(), tier, number);
                    PayerSql.touched(handle, organization.account(), number);
                  }
                  return payerOf(handle, name);
                }));
  }

  private static boolean isNoTier(Tier tier) {
    return tier != Tier.TEAM && tier != Tier.ENTERPRISE;
  }

  private static String badTier(Tier tier) {
    return "an organization is of the tier team or enterprise, not " + tier.text();
  }

  private static boolean isNoSeats(long seats) {
    return seats < 1 || seats > SEATS_MAX;
  }

  private static String badSeats(long seats) {
    return "an organization has 1 to " + SEATS_MAX + " seats, not " + seats;
  }

  /// Adds a user, or gives a member another role.
  public Outcome<Payer> addMember(String name, String user, Role role) {
    return change(
        name,
        (handle, organization) ->
            with(
                Identities.userOf(handle, user),
                found -> {
                  PayerSql.addMember(handle, organization.account(), found.id(), role);
                  return new Outcome.Done<>(organization);
                }));
  }

  public Outcome<Payer> removeMember(String name, String user) {
    return write(
        (handle, change) ->
            with(
                organizationOf(handle, name),
                organization ->
                    with(
                        Identities.userOf(handle, user),
                        found -> {
                          PayerSql.touched(handle, organization.account(), change);
                          return PayerSql.removeMember(handle, organization.account(), found.id())
                                  == 1
                              ? new Outcome.Done<>(organization)
                              : notMember(organization, user);
                        })));
  }

  private static <T> Outcome<T> notMember(Payer payer, String user) {
    return new Outcome.Refused<>(
        payer.isOrganization()
            ? "'%s' is no member of '%s': add them first".formatted(user, payer.name())
            : "'%s' is a user and has no members: limit an organization, or '%s' as a whole"
                .formatted(payer.name(), payer.name()));
  }

  // ---- resource groups ----

  public Outcome<Group> createGroup(String name, String group) {
    if (!Identities.isName(group)) {
      return new Outcome.Malformed<>(Identities.badName(group));
    }
    Group made = new Group(database.ids().next(), group);
    return change(
        name,
        (handle, organization) -> {
          if (organization.tier() != Tier.ENTERPRISE) {
            return new Outcome.Refused<>(
                "resource groups need the tier enterprise, and '%s' has %s"
                    .formatted(organization.name(), organization.tier().text()));
          }
          return PayerSql.addGroup(handle, organization.account(), made)
              ? new Outcome.Done<>(made)
              : new Outcome.Refused<>(
                  "'%s' has a group '%s' already: choose another name"
                      .formatted(organization.name(), group));
        });
  }

  /// @param in whether the member shall be in it; else they are taken out
  public Outcome<Group> setGroupMember(String name, String group, String user, boolean in) {
    return change(
        name,
        (handle, organization) ->
            with(
                groupOf(handle, organization, group),
                found -> {
                  Optional<Member> member =
                      PayerSql.members(handle, organization.account()).stream()
                          .filter(each -> each.name().equalsIgnoreCase(user))
                          .findFirst();
                  if (member.isEmpty()) {
                    return notMember(organization, user);
                  }
                  if (in) {
                    PayerSql.addToGroup(handle, found, member.get().user());
                  } else {
                    PayerSql.removeFromGroup(handle, found, member.get().user());
                  }
                  return new Outcome.Done<>(found);
                }));
  }

  private static Outcome<Group> groupOf(Handle handle, Payer organization, String name) {
    return PayerSql.group(handle, organization.account(), name)
        .<Outcome<Group>>map(Outcome.Done::new)
        .orElseGet(
            () ->
                new Outcome.Refused<>(
                    "'%s' has no group '%s': the list of its groups shows them"
                        .formatted(organization.name(), name)));
  }

  // ---- limits ----

  /// Limits what may be spent of an account's wallet in a month.
  ///
  /// Only those who can spend of the wallet can be limited; to take a limit away is always
  /// possible.
  ///
  /// @param subject name of the member, name or id of the group, id of the token; empty for PAYG
  ///   and ACCOUNT
  /// @param amount null for no limit; for PAYG that means nothing beyond the credit
  public Outcome<Payer> limit(
      String name, Limit.Scope scope, String subject, @Nullable Nanos amount) {
    if (amount != null && amount.value() < 0) {
      return new Outcome.Malformed<>("a spending limit is 0 or more, not " + amount);
    }
    return write(
        (handle, change) ->
            with(
                payerOf(handle, name),
                payer ->
                    with(
                        subjectOf(handle, payer, scope, subject, amount == null),
                        id -> {
                          set(handle, payer, scope, id, amount, change);
                          PayerSql.touched(handle, payer.account(), change);
                          return payerOf(handle, name);
                        })));
  }

  /// A limit for pay-as-you-go is set to 0 and not removed, since its lot of this month must
  /// shrink.
  private static void set(
      Handle handle,
      Payer payer,
      Limit.Scope scope,
      long subject,
      @Nullable Nanos amount,
      long change) {
    if (amount == null && scope != Limit.Scope.PAYG) {
      PayerSql.unlimit(handle, payer.wallet(), scope, subject);
    } else {
      Nanos size = amount == null ? Nanos.ZERO : amount;
      PayerSql.limit(handle, payer.wallet(), new Limit(scope, subject, size, change));
    }
  }

  private static Outcome<Long> subjectOf(
      Handle handle, Payer payer, Limit.Scope scope, String subject, boolean any) {
    return switch (scope) {
      case PAYG, ACCOUNT -> new Outcome.Done<>(0L);
      case MEMBER ->
          with(
              Identities.userOf(handle, subject),
              user ->
                  any || isMember(handle, payer, user.id())
                      ? new Outcome.Done<>(user.id().value())
                      : notMember(payer, subject));
      case GROUP -> with(groupOf(handle, payer, subject), group -> new Outcome.Done<>(group.id()));
      case TOKEN ->
          with(
              tokenOf(handle, subject),
              row ->
                  any
                          || row.owner().id().equals(payer.account())
                          || isMember(handle, payer, row.owner().id())
                      ? new Outcome.Done<>(row.token().id().value())
                      : notMember(payer, row.owner().name()));
    };
  }

  private static boolean isMember(Handle handle, Payer organization, UserId user) {
    return PayerSql.members(handle, organization.account()).stream()
        .anyMatch(member -> member.user().equals(user));
  }

  private static Outcome<TokenRow> tokenOf(Handle handle, String id) {
    return TokenId.parse(id)
        .flatMap(token -> IdentitySql.token(handle, token))
        .<Outcome<TokenRow>>map(Outcome.Done::new)
        .orElseGet(
            () ->
                new Outcome.Refused<>(
                    "there is no token with the id %s: the list of tokens shows the ids"
                        .formatted(id)));
  }

  /// Who pays for a token's calls that name nobody.
  ///
  /// @param payer an organization or the id of a resource group; empty for the token's user
  public Outcome<Token> setDefaultPayer(TokenId id, String payer) {
    return write(
        (handle, change) ->
            with(
                tokenOf(handle, id.toString()),
                row -> {
                  PayerChoice choice =
                      row.caller(handle).paidBy(payer.isEmpty() ? row.owner().name() : payer);
                  if (choice instanceof PayerChoice.OutOfScope(String account, _)) {
                    return new Outcome.Refused<>(
                        "token %s is not for '%s': make another one that is"
                            .formatted(id, account));
                  }
                  if (!(choice instanceof PayerChoice.Paid)) {
                    return new Outcome.Refused<>(
                        "'%s' may not let '%s' pay: add them to the organization first, as contributor or more"
                            .formatted(row.owner().name(), payer));
                  }
                  PayerSql.payer(handle, id, payer, change);
                  return new Outcome.Done<>(row.token());
                }));
  }

  // ---- payments ----

  /// Notes whose a payment is. Refused where it is another account's.
  ///
  /// @param ref the payment's own reference
  /// @return whether it was nobody's before
  public Outcome<Boolean> claimPayment(String ref, Payer payer) {
    return database.write(
        handle -> {
          if (PaymentSql.claim(handle, ref, payer.wallet())) {
            return new Outcome.Done<>(true);
          }
          WalletId owner = PaymentSql.owner(handle, ref);
          return owner.equals(payer.wallet())
              ? new Outcome.Done<>(false)
              : new Outcome.Refused<>(
                  "'%s' was booked for %s before: a payment counts for one account only. Choose another --ref."
                      .formatted(
                          ref,
                          PayerSql.payer(handle, owner)
                              .map(Payer::name)
                              .orElse("another account")));
        });
  }

  /// The payment was not booked after all.
  public void unclaimPayment(String ref, Payer payer) {
    database.write(handle -> PaymentSql.unclaim(handle, ref, payer.wallet()));
  }

  // ---- what they lean on ----

  private interface Change<T> {
    Outcome<T> carryOut(Handle handle, long number);
  }

  private interface OfOrganization<T> {
    Outcome<T> carryOut(Handle handle, Payer organization);
  }

  private <T> Outcome<T> write(Change<T> change) {
    Outcome<T> outcome =
        database.write(handle -> change.carryOut(handle, IdentitySql.nextChange(handle)));
    changed.run();
    return outcome;
  }

  private <T> Outcome<T> change(String name, OfOrganization<T> change) {
    return write(
        (handle, number) ->
            with(
                organizationOf(handle, name),
                organization -> {
                  Outcome<T> outcome = change.carryOut(handle, organization);
                  PayerSql.touched(handle, organization.account(), number);
                  return outcome;
                }));
  }

  private static Outcome<Payer> payerOf(Handle handle, String name) {
    return PayerSql.payer(handle, name)
        .<Outcome<Payer>>map(Outcome.Done::new)
        .orElseGet(
            () ->
                new Outcome.Refused<>(
                    "there is no account '%s'.%s"
                        .formatted(
                            name,
                            NearNames.of(
                                name, IdentitySql.userNames(handle, NAMES_SEARCHED_MAX)))));
  }

  private static Outcome<Payer> organizationOf(Handle handle, String name) {
    Outcome<Payer> found = payerOf(handle, name);
    return found instanceof Outcome.Done<Payer>(Payer payer) && payer.isOrganization()
        ? found
        : new Outcome.Refused<>(
            "there is no organization '%s'.%s"
                .formatted(
                    name,
                    NearNames.of(
                        name, PayerSql.organizations(handle).stream().map(Payer::name).toList())));
  }

  private static <A, B> Outcome<B> with(Outcome<A> outcome, Function<A, Outcome<B>> then) {
    return switch (outcome) {
      case Outcome.Done<A>(A value) -> then.apply(value);
      case Outcome.Refused<A>(String message) -> new Outcome.Refused<>(message);
      case Outcome.Malformed<A>(String message) -> new Outcome.Malformed<>(message);
    };
  }
}
