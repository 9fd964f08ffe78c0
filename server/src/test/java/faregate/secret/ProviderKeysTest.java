package faregate.secret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import faregate.id.UserId;
import faregate.kit.Clock;
import faregate.kit.Environment;
import faregate.kit.RandomSource;
import faregate.kit.Secret;
import faregate.kit.SettingsException;
import faregate.store.Database;
import faregate.store.PostgresServers;
import faregate.store.PostgresSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// How keys are kept, on a real database.
class ProviderKeysTest {
  private static final UserId ALICE = new UserId(7);
  private static final UserId BOB = new UserId(8);
  private static final Secret KEY = new Secret("sk-marker-of-an-own-key");
  @TempDir private Path folder;

  private static Environment none() {
    return Environment.of(Map.of());
  }

  private static Environment with(Secret keyset) {
    return Environment.of(Map.of(Keyset.VARIABLE, keyset.reveal()));
  }

  private Database sqlite() {
    return Database.openSqlite(folder.resolve("keys.db"), Clock.system());
  }

  private ProviderKeys keys(Database database, Environment environment, boolean shared) {
    return new ProviderKeys(database, Keyset.in(folder, environment, shared), Clock.system());
  }

  private static String open(ProviderKeys keys, UserId account, String provider) {
    return Objects.requireNonNull(keys.of(account).of(provider)).reveal();
  }

  @Test
  void aKeyOutlivesTheProcessAndStandsNowhereInClear() throws IOException {
    try (Database database = sqlite()) {
      ProviderKeys keys = keys(database, none(), false);
      keys.open();
      assertThat(folder.resolve("keyset.json")).doesNotExist();
      keys.set(ALICE, "groq", KEY);
      keys.set(ALICE, "groq", new Secret("sk-another"));
      keys.set(ALICE, "groq", KEY);
      keys.set(BOB, "groq", new Secret("sk-of-bob"));
    }
    try (Database database = sqlite()) {
      ProviderKeys keys = keys(database, none(), false);
      keys.open();
      assertThat(open(keys, ALICE, "groq")).isEqualTo(KEY.reveal());
      assertThat(open(keys, BOB, "groq")).isEqualTo("sk-of-bob");
      assertThat(keys.list(ALICE)).extracting(ProviderKeys.Shown::provider).containsExactly("groq");
      assertThat(keys.of(ALICE).of("together")).isNull();
      assertThat(keys.of(ALICE).toString()).doesNotContain(KEY.reveal());
    }
    assertThat(Files.getPosixFilePermissions(folder.resolve("keyset.json")))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    assertThat(
            new String(Files.readAllBytes(folder.resolve("keys.db")), StandardCharsets.ISO_8859_1))
        .doesNotContain(KEY.reveal());
  }

  /// An earlier version could leave an empty file where the machine stopped.
  @Test
  void aKeysetThatIsEmptyIsNamedAndOneThatWasBegunIsMadeAnew() throws IOException {
    Path file = folder.resolve("keyset.json");
    Path begun = folder.resolve("keyset.json.partial");
    Files.createFile(file);
    Files.writeString(begun, "{\"primaryKey");
    try (Database database = sqlite()) {
      assertThatThrownBy(() -> keys(database, none(), false).set(ALICE, "groq", KEY))
          .isInstanceOf(SettingsException.class)
          .hasMessageStartingWith(file + " is empty")
          .hasMessageContaining("delete it");
      Files.delete(file);
      keys(database, none(), false).set(ALICE, "groq", KEY);
      ProviderKeys again = keys(database, none(), false);
      again.open();
      assertThat(open(again, ALICE, "groq")).isEqualTo(KEY.reveal());
    }
    assertThat(begun).doesNotExist();
  }

  @Test
  void withoutTheKeysetItWasSetWithNothingStarts() throws IOException {
    try (Database database = sqlite()) {
      keys(database, none(), false).set(ALICE, "groq", KEY);
      Files.delete(folder.resolve("keyset.json"));
      ProviderKeys lost = keys(database, none(), false);
      assertThatThrownBy(lost::open)
          .isInstanceOf(SettingsException.class)
          .hasMessageContaining("keyset.json is gone")
          .hasMessageContaining("faregate key delete");
      assertThatThrownBy(() -> lost.set(BOB, "groq", KEY))
          .as("no second keyset beside keys that need the first")
          .isInstanceOf(SettingsException.class);
      ProviderKeys wrong = keys(database, with(Keyset.fresh()), false);
      assertThatThrownBy(wrong::open)
          .isInstanceOf(SettingsException.class)
          .hasMessageContaining("account 7")
          .hasMessageContaining("groq")
          .hasMessageContaining(Keyset.VARIABLE);
      assertThat(wrong.of(ALICE).unreadable()).containsExactly("groq");
      assertThat(wrong.delete(ALICE, "groq")).isTrue();
      wrong.open();
      assertThat(wrong.of(ALICE)).isEqualTo(OwnKeys.NONE);
    }
  }

  @Test
  void aRowSaysNothingInAnothersPlace() {
    try (Database database = sqlite()) {
      keys(database, none(), false).set(ALICE, "groq", KEY);
      database.write(handle -> handle.execute("UPDATE provider_key SET account = 8"));
      assertThatThrownBy(keys(database, none(), false)::open)
          .isInstanceOf(SettingsException.class)
          .hasMessageContaining("account 8");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "garbled one",
        "bm8ga2V5c2V0",
        "{\"key\":[]}",
        "{\"primaryKeyId\":7,\"key\":[7]}",
        "{\"primaryKeyId\":\"marker\",\"key\":{}}",
        "WyJtYXJrZXIiXQ==",
        "CUT",
        "CUT IN THE MIDDLE"
      })
  void whatIsNoKeysetIsToldSoWithoutRepeatingIt(String what) {
    String whole = Keyset.fresh().reveal();
    String said =
        switch (what) {
          case "CUT" -> whole.substring(0, whole.length() - 9);
          case "CUT IN THE MIDDLE" -> whole.substring(0, 60) + whole.substring(80);
          default -> what;
        };
    try (Database database = sqlite()) {
      ProviderKeys keys = keys(database, with(new Secret(said)), false);
      for (ThrowingCallable act :
          List.<ThrowingCallable>of(keys::open, () -> keys.set(ALICE, "groq", KEY))) {
        assertThatThrownBy(act)
            .isInstanceOf(SettingsException.class)
            .hasMessageContaining("FAREGATE_KEYSET holds no keyset")
            .hasMessageContaining("faregate key keyset")
            .hasMessageNotContaining(said)
            .hasMessageNotContaining("marker")
            .hasNoCause();
      }
    }
  }

  /// It would be taken for absent, and the keys of a file that nobody knows of used in its place.
  @ParameterizedTest
  @ValueSource(strings = {"", " ", "\n\t"})
  void aBlankVariableIsNotTakenForNone(String blank) {
    try (Database database = sqlite()) {
      keys(database, none(), false).set(ALICE, "groq", KEY);
      Environment environment = Environment.of(Map.of(Keyset.VARIABLE, blank));
      ProviderKeys keys = keys(database, environment, false);
      for (ThrowingCallable act :
          List.<ThrowingCallable>of(keys::open, () -> keys.set(BOB, "groq", KEY))) {
        assertThatThrownBy(act)
            .isInstanceOf(SettingsException.class)
            .hasMessageContaining("FAREGATE_KEYSET is set, but empty");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"two words", "line\nbreak", "ümlaut", "tab\t"})
  void whatCannotBeAHeaderIsNoKey(String key) {
    try (Database database = sqlite()) {
      ProviderKeys keys = keys(database, none(), false);
      assertThatThrownBy(() -> keys.set(ALICE, "groq", new Secret(key)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageNotContaining(key);
      assertThatThrownBy(() -> keys.set(ALICE, "groq", new Secret("k".repeat(5_000))))
          .hasMessageContaining("4096");
    }
  }

  /// Else the calls of who has a key there would go on the operator's, and their wallets would pay.
  @Test
  void aNodeWithoutTheKeysetRefusesWhatItCannotReadAndLosesNothingElse() {
    PostgresSettings settings = PostgresServers.shared(PostgresServers.NEW).database();
    try (Database here = PostgresServers.open(settings);
        Database there = PostgresServers.open(settings)) {
      ProviderKeys without = keys(there, none(), true);
      without.open();
      ProviderKeys with = keys(here, with(Keyset.fresh()), true);
      with.open();
      with.set(ALICE, "groq", KEY);
      await()
          .atMost(Duration.ofSeconds(1))
          .until(() -> without.of(ALICE).unreadable().contains("groq"));
      assertThat(without.of(ALICE).of("groq")).isNull();
      with.set(BOB, "groq", KEY);
      await()
          .atMost(Duration.ofSeconds(1))
          .until(() -> without.of(BOB).unreadable().contains("groq"));
      assertThat(without.delete(ALICE, "groq")).as("and can take it away").isTrue();
      assertThat(without.of(ALICE)).isEqualTo(OwnKeys.NONE);
      assertThatThrownBy(keys(there, none(), true)::open)
          .isInstanceOf(SettingsException.class)
          .hasMessageContaining("no keyset");
    }
  }

  /// A deletion would not be heard of: LESSONS, security 10.
  @Test
  void whereChangesCannotBeHeardOfNoKeyIsUsed() throws Exception {
    PostgresSettings settings = PostgresServers.shared(PostgresServers.NEW).database();
    try (Database database = PostgresServers.open(settings)) {
      ProviderKeys keys = keys(database, with(Keyset.fresh()), true);
      keys.open();
      keys.set(ALICE, "groq", KEY);
      assertThat(open(keys, ALICE, "groq")).isEqualTo(KEY.reveal());
      try (Connection locker = DriverManager.getConnection(settings.url(), "postgres", "");
          Statement statement = locker.createStatement()) {
        locker.setAutoCommit(false);
        statement.execute("LOCK TABLE bulletin IN ACCESS EXCLUSIVE MODE");
        await()
            .atMost(Duration.ofMillis(1_100))
            .until(() -> keys.of(ALICE).unreadable().contains("groq"));
        assertThat(keys.of(ALICE).of("groq")).isNull();
        assertThat(keys.of(BOB)).isEqualTo(OwnKeys.NONE);
        locker.rollback();
      }
      await().atMost(Duration.ofSeconds(2)).until(() -> keys.of(ALICE).of("groq") != null);
    }
  }

  @Test
  void ofTwoThatSetAKeyAtOnceTheLaterStays() {
    PostgresSettings settings = PostgresServers.shared(PostgresServers.NEW).database();
    Environment same = with(Keyset.fresh());
    try (Database here = PostgresServers.open(settings);
        Database there = PostgresServers.open(settings)) {
      ProviderKeys one = keys(here, same, true);
      ProviderKeys two = keys(there, same, true);
      one.open();
      two.open();
      for (int round = 0; round < 40; round++) {
        Secret mine = new Secret("sk-mine-" + round);
        Secret yours = new Secret("sk-yours-" + round);
        CompletableFuture<Void> other =
            CompletableFuture.runAsync(() -> two.set(ALICE, "groq", yours));
        one.set(ALICE, "groq", mine);
        other.join();
        ProviderKeys fresh = keys(here, same, true);
        fresh.open();
        assertThat(open(fresh, ALICE, "groq")).isIn(mine.reveal(), yours.reveal());
        assertThat(fresh.list(ALICE)).hasSize(1);
      }
    }
  }

  @Test
  void otherNodesFeelAChangeWithinASecond() {
    PostgresSettings settings = PostgresServers.shared(PostgresServers.NEW).database();
    Environment same = with(Keyset.fresh());
    try (Database here = Database.openPostgres(settings, Clock.system(), RandomSource.secure());
        Database there = Database.openPostgres(settings, Clock.system(), RandomSource.secure())) {
      assertThatThrownBy(() -> keys(here, none(), true).set(ALICE, "groq", KEY))
          .isInstanceOf(SettingsException.class)
          .hasMessageContaining("all nodes need the same");
      List<ProviderKeys> nodes = List.of(keys(here, same, true), keys(there, same, true));
      nodes.forEach(ProviderKeys::open);
      nodes.getFirst().set(ALICE, "groq", KEY);
      await()
          .atMost(Duration.ofSeconds(1))
          .until(() -> nodes.getLast().of(ALICE).of("groq") != null);
      assertThat(open(nodes.getLast(), ALICE, "groq")).isEqualTo(KEY.reveal());
      nodes.getLast().delete(ALICE, "groq");
      assertThat(nodes.getLast().of(ALICE)).isEqualTo(OwnKeys.NONE);
      await()
          .atMost(Duration.ofSeconds(1))
          .until(() -> nodes.getFirst().of(ALICE).equals(OwnKeys.NONE));
    }
  }
}
