package faregate.identity;

import faregate.id.TokenId;
import faregate.id.UserId;
import faregate.id.WalletId;
import faregate.kit.Clock;
import faregate.kit.NearNames;
import faregate.kit.RandomSource;
import faregate.kit.Secret;
import faregate.store.Database;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/// Users and their tokens: the entry of this room. Thread-safe.
///
/// On the data path ask [#known] first, which never blocks, and when it does not know, [#lookUp].
/// Everything else blocks and is not for event loops; each change is durable when its method
/// returns, known to this process by then, and to every other one within a second.
public final class Identities implements AutoCloseable {
  private static final Pattern NAME =
      Pattern.compile("[A-Za-z0-9]([A-Za-z0-9._-]{0,40}[A-Za-z0-9])?");
  private static final int NAMES_SEARCHED_MAX = 5000;
  private static final int TOKEN_NAME_MAX = 100;
  private static final String BAD_LIMIT =
      "%d is no number of calls an hour: name 1 or more, or 0 for any number";

  private final Database database;
  private final RandomSource random;
  private final Clock clock;
  private final KnownTokens tokens;
  private final Organizations organizations;

  public Identities(Database database, RandomSource random, Clock clock) {
    this.database = database;
    this.random = random;
    this.clock = clock;
    this.tokens = new KnownTokens(database, clock);
    this.organizations = new Organizations(database, clock, tokens::catchUp);
  }

  /// What a presented token is, if memory knows; null when it must be looked up. Never blocks.
  public @Nullable LookUp known(String secret) {
    return TokenSecret.hasForm(secret) ? tokens.known(TokenDigest.of(secret)) : LookUp.UNKNOWN;
  }

  /// Empty while tokens can be looked up; else what is wrong. Never blocks.
  public String trouble() {
    return tokens.trouble();
  }

  /// What a presented token is, after a look at the database; within three seconds, never failing.
  ///
  /// It is completed on a thread that serves all look-ups: go on elsewhere.
  public CompletableFuture<LookUp> lookUp(String secret) {
    return TokenSecret.hasForm(secret)
        ? tokens.lookUp(TokenDigest.of(secret))
        : CompletableFuture.completedFuture(LookUp.UNKNOWN);
  }

  /// As [#known], else waits for [#lookUp]. Blocks.
  public LookUp find(String secret) {
    LookUp known = known(secret);
    return known == null ? lookUp(secret).join() : known;
  }

  /// Makes a user with an empty wallet.
  public Outcome<User> createUser(String name, Tier tier) {
    if (!isName(name)) {
      return new Outcome.Malformed<>(badName(name));
    }
    UserId id = new UserId(database.ids().next());
    WalletId wallet = new WalletId(database.ids().next());
    User user = new User(id, name, tier, wallet, clock.micros());
    boolean isNew =
        database.write(
            handle -> IdentitySql.insertUser(handle, user, IdentitySql.nextChange(handle)));
    return isNew
        ? new Outcome.Done<>(user)
        : new Outcome.Refused<>("the name '%s' is taken: choose another one".formatted(name));
  }

  /// Moves a user to another tier; what it grants this month follows with the next call.
  public Outcome<User> setTier(String name, Tier tier) {
    Outcome<User> outcome =
        database.write(
            handle ->
                switch (userOf(handle, name)) {
                  case Outcome.Done<User>(User user) -> {
                    IdentitySql.setTier(handle, user.id(), tier, IdentitySql.nextChange(handle));
                    yield userOf(handle, name);
                  }
                  case Outcome.Refused<User> refused -> refused;
                  case Outcome.Malformed<User> malformed -> malformed;
                });
    tokens.catchUp();
    return outcome;
  }

  /// A user by name, in any case. Refused with the nearest name there is.
  public Outcome<User> user(String name) {
    return database.read(handle -> userOf(handle, name));
  }

  /// Who owns a wallet.
  public Optional<User> user(WalletId wallet) {
    return database.read(handle -> IdentitySql.user(handle, wallet));
  }

  /// All users, by name.
  public List<User> users() {
    return database.read(IdentitySql::users);
  }

  /// Makes a token. Its secret is in the outcome and nowhere else: show it, then forget it.
  public Outcome<NewToken> createToken(TokenRequest request) {
    Optional<String> unknown = Permissions.unknownOf(request.permissions());
    if (unknown.isPresent()) {
      return new Outcome.Malformed<>(
          "there is no permission '%s'.%s Known are: %s"
              .formatted(
                  unknown.get(),
                  NearNames.of(unknown.get(), Permissions.KNOWN),
                  String.join(", ", Permissions.KNOWN)));
    }
    long now = clock.micros();
    if (request.expiresMicros() <= now) {
      return new Outcome.Malformed<>(
          "a token cannot expire in the past: name a later time, or none");
    }
    if (request.name().length() > TOKEN_NAME_MAX) {
      return new Outcome.Malformed<>(
          "the name of a token has at most " + TOKEN_NAME_MAX + " characters: shorten it");
    }
    if (request.requestsPerHour() < 0) {
      return new Outcome.Malformed<>(BAD_LIMIT.formatted(request.requestsPerHour()));
    }
    TokenId id = new TokenId(database.ids().next());
    Secret secret = TokenSecret.make(random);
    Outcome<NewToken> outcome = database.write(handle -> insert(handle, request, id, secret, now));
    tokens.catchUp();
    return outcome;
  }

  private static Outcome<NewToken> insert(
      Handle handle, TokenRequest request, TokenId id, Secret secret, long now) {
    return switch (userOf(handle, request.user())) {
      case Outcome.Refused<User>(String message) -> new Outcome.Refused<>(message);
      case Outcome.Malformed<User>(String message) -> new Outcome.Malformed<>(message);
      case Outcome.Done<User>(User user) -> insert(handle, request, user, id, secret, now);
    };
  }

  private static Outcome<NewToken> insert(
      Handle handle, TokenRequest request, User user, TokenId id, Secret secret, long now) {
    return switch (Scoping.of(handle, user, request)) {
      case Outcome.Refused<Scoping>(String message) -> new Outcome.Refused<>(message);
      case Outcome.Malformed<Scoping>(String message) -> new Outcome.Malformed<>(message);
      case Outcome.Done<Scoping>(Scoping scoping) -> {
        Token token =
            new Token(
                id,
                user.id(),
                user.name(),
                request.name(),
                request.permissions(),
                scoping.scopes(),
                request.clampOutput(),
                request.requestsPerHour(),
                now,
                request.expiresMicros(),
                0,
                0);
        TokenRow row =
            new TokenRow(TokenDigest.of(secret.reveal()), token, user, 0, scoping.payer());
        IdentitySql.insertToken(handle, row, IdentitySql.nextChange(handle));
        yield new Outcome.Done<>(new NewToken(token, secret));
      }
    };
  }

  /// All tokens, by owner.
  public List<Token> tokens() {
    return database.read(IdentitySql::tokens).stream().map(TokenRow::token).toList();
  }

  /// The tokens of a user, the oldest first.
  public Outcome<List<Token>> tokens(String user) {
    return database.read(
        handle ->
            switch (userOf(handle, user)) {
              case Outcome.Refused<User>(String message) -> new Outcome.Refused<>(message);
              case Outcome.Malformed<User>(String message) -> new Outcome.Malformed<>(message);
              case Outcome.Done<User>(User found) ->
                  new Outcome.Done<>(
                      IdentitySql.tokens(handle, found.id()).stream()
                          .map(TokenRow::token)
                          .toList());
            });
  }

  public Optional<Token> token(TokenId id) {
    return database.read(handle -> IdentitySql.token(handle, id)).map(TokenRow::token);
  }

  /// Ends a token for good. A second time changes nothing and says the same.
  public Outcome<Token> revokeToken(TokenId id) {
    Optional<TokenRow> revoked =
        database.write(
            handle -> {
              IdentitySql.revoke(handle, id, clock.micros(), IdentitySql.nextChange(handle));
              return IdentitySql.token(handle, id);
            });
    tokens.catchUp();
    return tokenOf(id, revoked);
  }

  /// Bounds how many calls a token may make in an hour.
  ///
  /// @param requestsPerHour 0 for any number
  public Outcome<Token> limitToken(TokenId id, int requestsPerHour) {
    if (requestsPerHour < 0) {
      return new Outcome.Malformed<>(BAD_LIMIT.formatted(requestsPerHour));
    }
    Optional<TokenRow> limited =
        database.write(
            handle -> {
              IdentitySql.limit(handle, id, requestsPerHour, IdentitySql.nextChange(handle));
              return IdentitySql.token(handle, id);
            });
    tokens.catchUp();
    return tokenOf(id, limited);
  }

  private static Outcome<Token> tokenOf(TokenId id, Optional<TokenRow> found) {
    return found
        .<Outcome<Token>>map(row -> new Outcome.Done<>(row.token()))
        .orElseGet(
            () ->
                new Outcome.Refused<>(
                    "there is no token with the id %s: the list of tokens shows the ids"
                        .formatted(id)));
  }

  static Outcome<User> userOf(Handle handle, String name) {
    return IdentitySql.user(handle, name)
        .<Outcome<User>>map(Outcome.Done::new)
        .orElseGet(
            () ->
                new Outcome.Refused<>(
                    "there is no user '%s'.%s"
                        .formatted(
                            name,
                            NearNames.of(
                                name, IdentitySql.userNames(handle, NAMES_SEARCHED_MAX)))));
  }

  static boolean isName(String name) {
    return NAME.matcher(name).matches();
  }

  static String badName(String name) {
    return "'%s' cannot be a name: take 1 to 42 letters, digits, '.', '_' or '-', a letter or digit first and last"
        .formatted(name);
  }

  /// Organizations, and who may spend how much.
  public Organizations organizations() {
    return organizations;
  }

  /// Stops following changes. Close it before the database.
  @Override
  public void close() {
    tokens.close();
  }
}
