package faregate.operator;

import faregate.id.TokenId;
import faregate.identity.Group;
import faregate.identity.Identities;
import faregate.identity.Limit;
import faregate.identity.NamedLimit;
import faregate.identity.Organizations;
import faregate.identity.Payer;
import faregate.identity.Role;
import faregate.kit.NearNames;
import faregate.ledger.Credit;
import faregate.money.Nanos;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Organizations, who is in them, who pays, and how much may be spent.
final class OrganizationOperations {
  private final Organizations organizations;
  private final Purse purse;

  OrganizationOperations(Identities identities, Purse purse) {
    this.organizations = identities.organizations();
    this.purse = purse;
  }

  record ShownMember(String name, String role) {}

  /// @param id what `X-HF-Bill-To` names it by
  record ShownGroup(String id, String name) {}

  /// @param subject name of the member or group, id of the token; null for the others
  record ShownLimit(String scope, @Nullable String subject, String usd) {}

  /// @param leftUsd not spent; what is held is part of it
  record Shown(
      String name,
      String tier,
      long seats,
      String wallet,
      String leftUsd,
      String heldUsd,
      List<ShownMember> members,
      List<ShownGroup> groups,
      List<ShownLimit> limits) {}

  void addTo(Operations operations) {
    operations
        .add("org-create", this::create)
        .add("org-list", _ -> organizations.all().stream().map(this::shown).toList())
        .add("org-seats", this::seats)
        .add("org-tier", this::tier)
        .add("org-member-add", this::addMember)
        .add("org-member-remove", this::removeMember)
        .add("org-group-create", this::createGroup)
        .add("org-group-add", arguments -> member(arguments, true))
        .add("org-group-remove", arguments -> member(arguments, false))
        .add("limit-set", this::limit)
        .add("token-payer", this::tokenPayer);
  }

  private Object create(Arguments arguments) {
    return shown(
        UserOperations.done(
            organizations.create(
                arguments.text("name"), UserOperations.tier(arguments), count(arguments))));
  }

  private Object seats(Arguments arguments) {
    return shown(
        UserOperations.done(organizations.setSeats(arguments.text("name"), count(arguments))));
  }

  private Object tier(Arguments arguments) {
    return shown(
        UserOperations.done(
            organizations.setTier(arguments.text("name"), UserOperations.tier(arguments))));
  }

  private Object addMember(Arguments arguments) {
    String text = Objects.requireNonNullElse(arguments.textOrNull("role"), "write");
    Role role =
        Role.parse(text)
            .orElseThrow(
                () ->
                    Refusal.badInput(
                        "There is no role '%s'.%s Take one of %s."
                            .formatted(
                                text,
                                NearNames.of(text, Role.texts()),
                                String.join(", ", Role.texts()))));
    return shown(
        UserOperations.done(
            organizations.addMember(arguments.text("name"), arguments.text("user"), role)));
  }

  private Object removeMember(Arguments arguments) {
    return shown(
        UserOperations.done(
            organizations.removeMember(arguments.text("name"), arguments.text("user"))));
  }

  private Object createGroup(Arguments arguments) {
    return shown(
        UserOperations.done(
            organizations.createGroup(arguments.text("name"), arguments.text("group"))));
  }

  private Object member(Arguments arguments, boolean in) {
    return shown(
        UserOperations.done(
            organizations.setGroupMember(
                arguments.text("name"), arguments.text("group"), arguments.text("user"), in)));
  }

  /// @param usd an amount, or `none`
  record Limited(String name, String scope, String usd, List<ShownLimit> limits) {}

  private Object limit(Arguments arguments) {
    Limit.Scope scope = scope(arguments.text("scope"));
    String usd = arguments.text("usd");
    String subject = Objects.requireNonNullElse(arguments.textOrNull("subject"), "");
    Nanos amount = usd.equals("none") ? null : amount(usd);
    Payer payer =
        UserOperations.done(organizations.limit(arguments.text("name"), scope, subject, amount));
    // This month's lot takes its new size now, and not only with the next call.
    purse.of(payer);
    return new Limited(
        payer.name(),
        scope.text(),
        amount == null ? "none" : Usd.of(amount),
        organizations.limits(payer.wallet()).stream().map(OrganizationOperations::shown).toList());
  }

  private static Limit.Scope scope(String text) {
    return Stream.of(Limit.Scope.values())
        .filter(scope -> scope.text().equals(text))
        .findFirst()
        .orElseThrow(() -> Refusal.badInput("There is no limit for '" + text + "'."));
  }

  private static Nanos amount(String usd) {
    try {
      return Nanos.ofUsd(usd);
    } catch (IllegalArgumentException e) {
      throw Refusal.badInput(Objects.requireNonNull(e.getMessage()) + ".");
    }
  }

  /// @param payer null for the token's user
  record TokenPayer(String id, @Nullable String payer) {}

  private Object tokenPayer(Arguments arguments) {
    TokenId id = TokenOperations.id(arguments);
    String payer = arguments.textOrNull("payer");
    UserOperations.done(organizations.setDefaultPayer(id, Objects.requireNonNullElse(payer, "")));
    return new TokenPayer(id.toString(), payer);
  }

  private static long count(Arguments arguments) {
    String text = Objects.requireNonNullElse(arguments.textOrNull("seats"), "1");
    if (!text.matches("\\d{1,9}")) {
      throw Refusal.badInput("'" + text + "' is no number of seats: take 1 or more.");
    }
    return Long.parseLong(text);
  }

  private Shown shown(Payer organization) {
    Organizations.Whole whole = UserOperations.done(organizations.whole(organization.name()));
    Credit credit = purse.of(UserOperations.done(organizations.payer(organization.name())));
    return new Shown(
        whole.organization().name(),
        whole.organization().tier().text(),
        whole.organization().seats(),
        whole.organization().wallet().toString(),
        Usd.of(credit.unspent()),
        Usd.of(credit.held()),
        whole.members().stream()
            .map(member -> new ShownMember(member.name(), member.role().text()))
            .toList(),
        whole.groups().stream().map(OrganizationOperations::shown).toList(),
        whole.limits().stream().map(OrganizationOperations::shown).toList());
  }

  private static ShownGroup shown(Group group) {
    return new ShownGroup(group.hubId(), group.name());
  }

  private static ShownLimit shown(NamedLimit named) {
    return new ShownLimit(
        named.limit().scope().text(),
        named.subject().isEmpty() ? null : named.subject(),
        Usd.of(named.limit().amount()));
  }
}
