package faregate.operator;

import faregate.id.TokenId;
import faregate.identity.Identities;
import faregate.identity.NewToken;
import faregate.identity.Permissions;
import faregate.identity.Scope;
import faregate.identity.Token;
import faregate.identity.TokenRequest;
import faregate.kit.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Making, listing and revoking tokens.
final class TokenOperations {
  private static final String LIMIT = "requests_per_hour";
  private static final Pattern SPAN = Pattern.compile("(\\d{1,6})([hd])");

  private final Identities identities;
  private final Clock clock;

  TokenOperations(Identities identities, Clock clock) {
    this.identities = identities;
    this.clock = clock;
  }

  /// @param expires an instant, or null for never
  /// @param state `live`, `expired` or `revoked`
  /// @param accounts those that it is for; empty for all that its user may spend of
  /// @param requestsPerHour 0 for any number
  /// @param used day of the last use, null for never
  record Shown(
      String id,
      String user,
      String name,
      List<String> permissions,
      List<String> accounts,
      int requestsPerHour,
      @Nullable String expires,
      String state,
      @Nullable String used) {}

  /// @param token the secret, shown once
  record Made(String token, Shown about) {}

  void addTo(Operations operations) {
    operations
        .add("token-create", this::create)
        .add("token-list", this::list)
        .add("token-revoke", this::revoke)
        .add("token-limit", this::limit);
  }

  private Object create(Arguments arguments) {
    List<String> named = arguments.texts("permissions");
    String name = arguments.textOrNull("name");
    NewToken made =
        UserOperations.done(
            identities.createToken(
                new TokenRequest(
                    arguments.text("user"),
                    named.isEmpty() ? Permissions.DEFAULT : Set.copyOf(named),
                    expires(arguments.textOrNull("expires")),
                    Objects.requireNonNullElse(name, ""),
                    arguments.flag("clamp"),
                    arguments.count(LIMIT, 0),
                    arguments.texts("organizations"),
                    arguments.flag("own"))));
    return new Made(made.secret().reveal(), shown(made.token()));
  }

  private Object list(Arguments arguments) {
    String user = arguments.textOrNull("user");
    List<Token> tokens =
        user == null ? identities.tokens() : UserOperations.done(identities.tokens(user));
    return tokens.stream().map(this::shown).toList();
  }

  private Object revoke(Arguments arguments) {
    return shown(UserOperations.done(identities.revokeToken(id(arguments))));
  }

  private Object limit(Arguments arguments) {
    if (!arguments.tree().has(LIMIT)) {
      throw Refusal.badInput("'" + LIMIT + "' is needed: a whole number, or 0 for any number");
    }
    return shown(
        UserOperations.done(identities.limitToken(id(arguments), arguments.count(LIMIT, 0))));
  }

  /// @throws Refusal when there is none, or what there is is no id
  static TokenId id(Arguments arguments) {
    String id = arguments.text("id");
    return TokenId.parse(id)
        .orElseThrow(
            () ->
                Refusal.badInput(
                    "'"
                        + id
                        + "' is no token id. `faregate token list` shows the ids; they are"
                        + " numbers."));
  }

  private Shown shown(Token token) {
    boolean forever = token.expiresMicros() == Token.NEVER;
    return new Shown(
        token.id().toString(),
        token.userName(),
        token.name(),
        token.permissions().stream().sorted().toList(),
        token.scopes().stream().map(Scope::name).toList(),
        token.requestsPerHour(),
        forever ? null : instant(token.expiresMicros()).toString(),
        state(token),
        token.usedDay() == 0 ? null : LocalDate.ofEpochDay(token.usedDay()).toString());
  }

  private String state(Token token) {
    if (token.isRevoked()) {
      return "revoked";
    }
    return token.isExpired(clock.micros()) ? "expired" : "live";
  }

  private long expires(@Nullable String text) {
    if (text == null || text.equals("never")) {
      return Token.NEVER;
    }
    Instant now = instant(clock.micros());
    Matcher span = SPAN.matcher(text);
    if (span.matches()) {
      long count = Long.parseLong(span.group(1));
      Duration length =
          span.group(2).equals("h") ? Duration.ofHours(count) : Duration.ofDays(count);
      return micros(now.plus(length));
    }
    try {
      return micros(
          text.contains("T")
              ? Instant.parse(text)
              : LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant());
    } catch (DateTimeParseException e) {
      throw Refusal.badInput(
          "'"
              + text
              + "' is no end of a token. Write 12h, 30d, 2027-01-31, 2027-01-31T12:00:00Z, or"
              + " never.");
    }
  }

  private static Instant instant(long micros) {
    return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
  }

  private static long micros(Instant instant) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
  }
}
