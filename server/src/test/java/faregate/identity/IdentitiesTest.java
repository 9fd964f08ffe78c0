package faregate.identity;

import static org.assertj.core.api.Assertions.assertThat;

import faregate.id.TokenId;
import faregate.kit.Clock;
import faregate.kit.RandomSource;
import faregate.money.Nanos;
import faregate.store.Database;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdentitiesTest {
  @TempDir Path folder;
  private final AtomicLong ahead = new AtomicLong();
  private Database database;
  private Identities identities;

  /// The machine's clock, moved ahead by a test.
  private final Clock clock =
      new Clock() {
        @Override
        public long micros() {
          return Clock.system().micros() + ahead.get();
        }

        @Override
        public long nanoTime() {
          return Clock.system().nanoTime();
        }
      };

  @BeforeEach
  void open() {
    database = database(folder, clock);
    identities = new Identities(database, RandomSource.secure(), clock);
  }

  /// The database to be tried on.
  Database database(Path temp, Clock time) {
    return Database.openSqlite(temp.resolve("faregate.db"), time);
  }

  /// All that is stored, as one text.
  String stored(Database from, Path temp) throws IOException {
    try (Stream<Path> files = Files.list(temp)) {
      String all = "";
      for (Path file : files.toList()) {
        all += new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
      }
      return all;
    }
  }

  @AfterEach
  void close() {
    identities.close();
    database.close();
  }

  @Test
  void aNewTokenIsKnownAtOnceWithItsOwnerAndHisWallet() {
    User alice = done(identities.createUser("alice", Tier.PRO));
    NewToken made =
        done(
            identities.createToken(
                new TokenRequest("Alice", Set.of(Caller.INFERENCE), Token.NEVER, "ci", true)));

    assertThat(made.secret().reveal()).matches("hf_[A-Za-z0-9]{34}");
    assertThat(identities.find(made.secret().reveal()))
        .isEqualTo(
            new LookUp.Known(
                new Caller(
                    made.token().id(),
                    alice.id(),
                    "alice",
                    Set.of(Caller.INFERENCE),
                    List.of(),
                    Token.NEVER,
                    true,
                    new Payer(
                        alice.id(), "alice", false, alice.wallet(), Tier.PRO, 0, 1, List.of()),
                    List.of(),
                    "",
                    0,
                    0)));
    assertThat(identities.known(made.secret().reveal())).isInstanceOf(LookUp.Known.class);
  }

  @Test
  void aTokenIsForCertainAccounts() {
    User alice = done(identities.createUser("alice", Tier.PRO));
    Organizations organizations = identities.organizations();
    Payer acme = done(organizations.create("Acme", Tier.TEAM, 1));
    done(organizations.create("globex", Tier.TEAM, 1));
    done(organizations.addMember("acme", "alice", Role.WRITE));
    done(organizations.addMember("globex", "alice", Role.WRITE));
    Scope own = new Scope(alice.id(), "alice", Permissions.DEFAULT);
    Scope there = new Scope(acme.account(), "Acme", Permissions.DEFAULT);

    NewToken both = scoped(true, "acme", "ACME");
    NewToken one = scoped(false, "acme");
    aToken("bob");
    assertThat(both.token().scopes()).containsExactly(own, there);
    assertThat(identities.tokens())
        .extracting(Token::scopes)
        .containsExactly(List.of(own, there), List.of(there), List.of());
    assertThat(done(identities.revokeToken(one.token().id())).scopes()).containsExactly(there);

    identities.close();
    identities = new Identities(database, RandomSource.secure(), clock);
    LookUp.Known known = (LookUp.Known) identities.find(both.secret().reveal());
    assertThat(known.caller().scopes()).containsExactly(own, there);
    assertThat(known.caller().permissions()).isEqualTo(Permissions.DEFAULT);
    assertThat(refused(identities.createToken(request(false, "acem"))))
        .isEqualTo("'alice' is in no organization 'acem': add them first. Did you mean 'Acme'?");
    assertThat(done(identities.tokens("alice"))).hasSize(2);
  }

  private NewToken scoped(boolean own, String... organizations) {
    return done(identities.createToken(request(own, organizations)));
  }

  private static TokenRequest request(boolean own, String... organizations) {
    return new TokenRequest(
        "alice", Permissions.DEFAULT, Token.NEVER, "", false, 0, List.of(organizations), own);
  }

  @Test
  void whatIsNoTokenOfOursIsUnknown() {
    for (String text :
        List.of(
            "",
            "hf_",
            "hf_" + "a".repeat(33),
            "hf_" + "a".repeat(35),
            "xx_" + "a".repeat(34),
            "hf_" + "a".repeat(33) + "'",
            "hf_" + "a".repeat(33) + "ä")) {
      assertThat(identities.known(text)).as(text).isEqualTo(LookUp.UNKNOWN);
      assertThat(identities.lookUp(text).join()).as(text).isEqualTo(LookUp.UNKNOWN);
    }
    assertThat(identities.find("hf_" + "a".repeat(34))).isEqualTo(LookUp.UNKNOWN);
  }

  @Test
  void aRevokedTokenStaysRevokedAlsoAfterARestart() {
    NewToken made = aToken("alice");
    Token revoked = done(identities.revokeToken(made.token().id()));

    assertThat(revoked.isRevoked()).isTrue();
    assertThat(identities.known(made.secret().reveal())).isIn(null, LookUp.REVOKED);
    assertThat(identities.find(made.secret().reveal())).isEqualTo(LookUp.REVOKED);
    assertThat(done(identities.revokeToken(made.token().id()))).isEqualTo(revoked);
    try (Identities restarted = new Identities(database, RandomSource.secure(), clock)) {
      assertThat(restarted.find(made.secret().reveal())).isEqualTo(LookUp.REVOKED);
    }
  }

  @Test
  void aTokenExpiresAtItsTime() {
    done(identities.createUser("alice", Tier.FREE));
    long hour = 3_600_000_000L;
    TokenRequest request =
        new TokenRequest("alice", Set.of(), clock.micros() + hour, "short", false);
    String secret = done(identities.createToken(request)).secret().reveal();
    assertThat(identities.find(secret)).isInstanceOf(LookUp.Known.class);
    ahead.addAndGet(hour);
    assertThat(identities.find(secret)).isEqualTo(LookUp.EXPIRED);
  }

  /// Two nodes on one database: what one changes, the other feels.
  @Test
  void aChangeIsFeltByAnotherNodeWithinASecond() {
    NewToken made = aToken("alice");
    String secret = made.secret().reveal();
    try (Identities other = new Identities(database, RandomSource.secure(), clock)) {
      assertThat(other.find(secret)).isInstanceOf(LookUp.Known.class);

      identities.setTier("alice", Tier.PRO);
      waitASecond();
      assertThat(other.find(secret))
          .isInstanceOfSatisfying(
              LookUp.Known.class, known -> assertThat(known.caller().tier()).isEqualTo(Tier.PRO));

      identities.revokeToken(made.token().id());
      waitASecond();
      assertThat(other.find(secret)).isEqualTo(LookUp.REVOKED);
    }
  }

  @Test
  void aTokenMadeByAnotherNodeIsKnownWithoutWaiting() {
    try (Identities other = new Identities(database, RandomSource.secure(), clock)) {
      done(identities.createUser("alice", Tier.FREE));
      for (int round = 0; round < 20; round++) {
        NewToken made = done(identities.createToken(TokenRequest.of("alice")));
        assertThat(other.find(made.secret().reveal())).isInstanceOf(LookUp.Known.class);
      }
    }
  }

  /// The reader threads are kept busy, so that no round ends: memory may go on for less than a
  /// second, and then nobody is let in and nobody is turned away as if the token were wrong.
  @Test
  void aDatabaseThatDoesNotAnswerIsOurOwnFault() throws Exception {
    String secret = aToken("alice").secret().reveal();
    assertThat(identities.find(secret)).isInstanceOf(LookUp.Known.class);
    CompletableFuture<Boolean> end = new CompletableFuture<>();
    List<Thread> busy = new ArrayList<>();
    for (int reader = 0; reader < 16; reader++) {
      busy.add(Thread.ofVirtual().start(() -> database.read(_ -> end.join())));
    }
    try {
      waitASecond();
      assertThat(identities.known(secret)).isNull();
      assertThat(identities.lookUp(secret).join()).isInstanceOf(LookUp.Unavailable.class);
    } finally {
      end.complete(true);
    }
    for (Thread thread : busy) {
      thread.join();
    }
    assertThat(identities.find(secret)).isInstanceOf(LookUp.Known.class);
  }

  @Test
  void tenThousandMadeUpTokensCostAFewReads() {
    String secret = aToken("alice").secret().reveal();
    RandomSource random = RandomSource.secure();
    long began = System.nanoTime();
    List<CompletableFuture<LookUp>> answers = new ArrayList<>();
    for (int each = 0; each < 10_000; each++) {
      answers.add(identities.lookUp(TokenSecret.make(random).reveal()));
    }
    assertThat(identities.find(secret)).isInstanceOf(LookUp.Known.class);
    assertThat(answers).allSatisfy(answer -> assertThat(answer.join()).isEqualTo(LookUp.UNKNOWN));
    assertThat((System.nanoTime() - began) / 1_000_000).as("milliseconds").isLessThan(2000);
  }

  @Test
  void noSecretStandsInAnyFile() throws IOException {
    List<NewToken> made = new ArrayList<>();
    done(identities.createUser("alice", Tier.FREE));
    for (int each = 0; each < 5; each++) {
      made.add(done(identities.createToken(TokenRequest.of("alice"))));
      identities.find(made.getLast().secret().reveal());
    }
    assertThat(made.toString()).doesNotContain(made.getFirst().secret().reveal());
    identities.close();
    String all = stored(database, folder);
    assertThat(all).contains(TokenDigest.of(made.getFirst().secret().reveal()).text());
    for (NewToken each : made) {
      assertThat(all).doesNotContain(each.secret().reveal().substring(3, 15));
    }
  }

  @Test
  void theDayOfTheLastUseIsStored() {
    NewToken made = aToken("alice");
    assertThat(identities.find(made.secret().reveal())).isInstanceOf(LookUp.Known.class);
    identities.close();
    identities = new Identities(database, RandomSource.secure(), clock);
    assertThat(identities.token(made.token().id()).orElseThrow().usedDay())
        .isEqualTo(clock.micros() / 86_400_000_000L);
  }

  @Test
  void refusalsNameTheCulpritAndTheRemedy() {
    done(identities.createUser("alice", Tier.FREE));
    assertThat(refused(identities.createUser("ALICE", Tier.PRO)))
        .isEqualTo("the name 'ALICE' is taken: choose another one");
    assertThat(refused(identities.createUser("a'; DROP TABLE token; --", Tier.PRO)))
        .contains("cannot be a name");
    assertThat(refused(identities.user("alcie")))
        .isEqualTo("there is no user 'alcie'. Did you mean 'alice'?");
    assertThat(refused(identities.setTier("bob", Tier.PRO))).isEqualTo("there is no user 'bob'.");
    assertThat(refused(identities.tokens("bob"))).isEqualTo("there is no user 'bob'.");
    assertThat(refused(identities.createToken(TokenRequest.of("alicia"))))
        .contains("Did you mean 'alice'?");
    assertThat(
            refused(
                identities.createToken(
                    new TokenRequest("alice", Set.of("inference.write"), Token.NEVER, "", false))))
        .startsWith("there is no permission 'inference.write'.")
        .endsWith("Known are: inference.serverless.write, user.billing.read, user.settings.write");
    assertThat(refused(identities.createToken(new TokenRequest("alice", Set.of(), 1, "", false))))
        .contains("in the past");
    assertThat(refused(identities.revokeToken(new TokenId(42))))
        .contains("no token with the id 42");
  }

  /// An organization may have thousands, and each change has all of its members' tokens read anew.
  @Test
  void aTokensLimitsAreReadWithoutThoseOfOthers() {
    NewToken alice = aToken("alice");
    NewToken bob = aToken("bob");
    Organizations organizations = identities.organizations();
    Payer acme = done(organizations.create("acme", Tier.ENTERPRISE, 1));
    done(organizations.addMember("acme", "alice", Role.WRITE));
    done(organizations.addMember("acme", "bob", Role.WRITE));
    done(organizations.createGroup("acme", "lab"));
    done(organizations.createGroup("acme", "attic"));
    done(organizations.setGroupMember("acme", "lab", "alice", true));
    limit("acme", Limit.Scope.PAYG, "", 1);
    limit("acme", Limit.Scope.ACCOUNT, "", 2);
    limit("acme", Limit.Scope.MEMBER, "alice", 3);
    limit("acme", Limit.Scope.MEMBER, "bob", 4);
    limit("acme", Limit.Scope.GROUP, "lab", 5);
    limit("acme", Limit.Scope.GROUP, "attic", 6);
    limit("acme", Limit.Scope.TOKEN, alice.token().id().toString(), 7);
    limit("acme", Limit.Scope.TOKEN, bob.token().id().toString(), 8);
    limit("alice", Limit.Scope.TOKEN, alice.token().id().toString(), 9);
    // Whoever reads this row fails on it.
    database.write(
        handle ->
            handle.execute(
                """
                INSERT INTO spending_limit (wallet, scope, subject, amount, number)
                VALUES (?, 'nobody', 1, 1, 1)
                """,
                acme.wallet().value()));
    done(organizations.setSeats("acme", 2));
    assertThat(amounts(caller(alice).memberships().getFirst().organization()))
        .containsExactlyInAnyOrder(1L, 2L, 3L, 5L, 7L);
    assertThat(amounts(caller(bob).memberships().getFirst().organization()))
        .containsExactlyInAnyOrder(1L, 2L, 4L, 8L);
    assertThat(amounts(caller(alice).payer())).containsExactly(9L);
    assertThat(amounts(done(organizations.payer("acme")))).containsExactlyInAnyOrder(1L, 2L);
  }

  private void limit(String payer, Limit.Scope scope, String subject, long nanos) {
    done(identities.organizations().limit(payer, scope, subject, Nanos.of(nanos)));
  }

  private Caller caller(NewToken token) {
    LookUp found = identities.find(token.secret().reveal());
    assertThat(found).isInstanceOf(LookUp.Known.class);
    return ((LookUp.Known) found).caller();
  }

  private static List<Long> amounts(Payer payer) {
    return payer.limits().stream().map(limit -> limit.amount().value()).toList();
  }

  @Test
  void oneNameMadeTwiceAtOnceIsMadeOnce() {
    List<CompletableFuture<Outcome<User>>> both = new ArrayList<>();
    for (int each = 0; each < 8; each++) {
      both.add(CompletableFuture.supplyAsync(() -> identities.createUser("alice", Tier.FREE)));
    }
    assertThat(both.stream().filter(outcome -> outcome.join() instanceof Outcome.Done)).hasSize(1);
    assertThat(identities.users()).hasSize(1);
  }

  @Test
  void listsTokensByOwner() {
    TokenId first = aToken("bob").token().id();
    TokenId second = aToken("alice").token().id();
    assertThat(identities.tokens()).extracting(Token::userName).containsExactly("alice", "bob");
    assertThat(done(identities.tokens("alice"))).extracting(Token::id).containsExactly(second);
    assertThat(identities.users()).extracting(User::name).containsExactly("alice", "bob");
    assertThat(identities.user(done(identities.user("bob")).wallet()).orElseThrow().name())
        .isEqualTo("bob");
    assertThat(identities.token(first).orElseThrow().name()).isEqualTo("token");
  }

  private NewToken aToken(String user) {
    done(identities.createUser(user, Tier.FREE));
    return done(identities.createToken(TokenRequest.of(user)));
  }

  private static void waitASecond() {
    try {
      Thread.sleep(1000);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static <T> T done(Outcome<T> outcome) {
    return switch (outcome) {
      case Outcome.Done<T>(T value) -> value;
      case Outcome.Refused<T>(String message) -> throw new AssertionError(message);
      case Outcome.Malformed<T>(String message) -> throw new AssertionError(message);
    };
  }

  private static String refused(Outcome<?> outcome) {
    return switch (outcome) {
      case Outcome.Refused<?>(String message) -> message;
      case Outcome.Malformed<?>(String message) -> message;
      case Outcome.Done<?> done -> throw new AssertionError(done);
    };
  }
}
