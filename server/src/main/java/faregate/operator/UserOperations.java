package faregate.operator;

import faregate.identity.Identities;
import faregate.identity.Outcome;
import faregate.identity.Tier;
import faregate.identity.User;
import faregate.kit.NearNames;
import faregate.ledger.Credit;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/// Making and listing users.
final class UserOperations {
  private final Identities identities;
  private final Purse purse;

  UserOperations(Identities identities, Purse purse) {
    this.identities = identities;
    this.purse = purse;
  }

  /// @param leftUsd not spent; what is held is part of it
  /// @param heldUsd set aside for calls that run now
  record Shown(
      String name,
      String tier,
      String wallet,
      String leftUsd,
      long leftNanoUsd,
      String heldUsd,
      long heldNanoUsd) {}

  void addTo(Operations operations) {
    operations
        .add("user-create", this::create)
        .add("user-tier", this::setTier)
        .add("user-list", _ -> identities.users().stream().map(this::shown).toList());
  }

  private Object create(Arguments arguments) {
    return shown(done(identities.createUser(arguments.text("name"), tier(arguments))));
  }

  private Object setTier(Arguments arguments) {
    return shown(done(identities.setTier(arguments.text("name"), tier(arguments))));
  }

  private Shown shown(User user) {
    Credit credit = purse.of(done(identities.organizations().payer(user.name())));
    return new Shown(
        user.name(),
        user.tier().text(),
        user.wallet().toString(),
        Usd.of(credit.unspent()),
        credit.unspent().value(),
        Usd.of(credit.held()),
        credit.held().value());
  }

  static Tier tier(Arguments arguments) {
    String text = arguments.text("tier");
    List<String> known = Stream.of(Tier.values()).map(Tier::text).toList();
    if (!known.contains(text.toLowerCase(Locale.ROOT))) {
      throw Refusal.badInput(
          "There is no tier '%s'.%s Take one of %s."
              .formatted(text, NearNames.of(text, known), String.join(", ", known)));
    }
    return Tier.valueOf(text.toUpperCase(Locale.ROOT));
  }

  /// @throws Refusal when it was refused
  static <T> T done(Outcome<T> outcome) {
    return switch (outcome) {
      case Outcome.Done<T>(T value) -> value;
      case Outcome.Refused<T>(String message) -> throw Refusal.notPossible(sentence(message));
      case Outcome.Malformed<T>(String message) -> throw Refusal.badInput(sentence(message));
    };
  }

  private static String sentence(String words) {
    String first = words.substring(0, 1).toUpperCase(Locale.ROOT) + words.substring(1);
    return first.endsWith(".") || first.endsWith("?") ? first : first + ".";
  }
}
