package faregate.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import faregate.kit.Secret;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PostgresDatabaseTest {
  private static final PostgresServers NEW = PostgresServers.shared(PostgresServers.NEW);

  static List<String> releases() {
    return PostgresServers.releases();
  }

  @ParameterizedTest
  @MethodSource("releases")
  void threeNodesStartAtOnceOnAnEmptyDatabase(String release) {
    PostgresSettings empty = PostgresServers.shared(release).emptyDatabase();
    List<CompletableFuture<Database>> starting =
        IntStream.range(0, 3)
            .mapToObj(_ -> CompletableFuture.supplyAsync(() -> PostgresServers.open(empty)))
            .toList();
    List<Database> nodes = starting.stream().map(CompletableFuture::join).toList();
    assertThat(nodes).extracting(Database::node).containsExactlyInAnyOrder(1, 2, 3);
    await()
        .atMost(Duration.ofSeconds(3))
        .until(() -> nodes.stream().allMatch(node -> node.standing().nodes().size() == 3));
    assertThat(nodes.getFirst().standing().replication()).isEqualTo("none");
    nodes.forEach(Database::close);
    try (Database again = PostgresServers.open(empty)) {
      assertThat(again.node()).isEqualTo(1);
    }
  }

  /// Transactions that block each other in a circle: the victim is repeated.
  @Test
  void whoIsInTheWayOfAnotherIsRepeated() {
    try (Database database = PostgresServers.open(NEW.database())) {
      database.write(handle -> handle.execute("INSERT INTO bulletin VALUES ('a', 0), ('b', 0)"));
      List<CompletableFuture<Integer>> all = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        String first = i % 2 == 0 ? "a" : "b";
        String second = i % 2 == 0 ? "b" : "a";
        all.add(
            database.writeLater(
                handle -> {
                  handle.execute("UPDATE bulletin SET number = number + 1 WHERE topic = ?", first);
                  handle.execute("SELECT pg_sleep(0.01)");
                  return handle.execute(
                      "UPDATE bulletin SET number = number + 1 WHERE topic = ?", second);
                }));
      }
      all.forEach(each -> assertThat(each.join()).isOne());
      assertThat(database.read(BulletinSql::numbers)).containsEntry("a", 4L).containsEntry("b", 4L);
    }
  }

  @Test
  void readersCannotWriteAndSeeOneSnapshot() {
    try (Database database = PostgresServers.open(NEW.database())) {
      assertThatThrownBy(() -> database.read(handle -> BulletinSql.post(handle, "x")))
          .hasMessageContaining("read-only");
      boolean same =
          database.read(
              handle -> {
                var before = BulletinSql.numbers(handle);
                database.write(within -> BulletinSql.post(within, "y"));
                return BulletinSql.numbers(handle).equals(before);
              });
      assertThat(same).isTrue();
    }
  }

  @Test
  void aNoticeIsFeltByTheOthersWithinASecondAndNotByWhoPostedIt() {
    PostgresSettings settings = NEW.database();
    try (Database one = PostgresServers.open(settings);
        Database two = PostgresServers.open(settings)) {
      ConcurrentLinkedQueue<String> told = new ConcurrentLinkedQueue<>();
      one.follow("topic", () -> told.add("one"));
      two.follow("topic", () -> told.add("two"));
      one.announce("topic");
      await().atMost(Duration.ofSeconds(1)).until(() -> told.contains("two"));
      two.announce("topic");
      await().atMost(Duration.ofSeconds(1)).until(() -> told.contains("one"));
      assertThat(told).containsExactly("two", "one");
    }
  }

  /// As on a database without NOTIFY.
  @Test
  void aNoticeThatNobodyHintsAtIsFoundWithinASecond() {
    PostgresSettings settings = NEW.database();
    try (Database one = PostgresServers.open(settings);
        Database two = PostgresServers.open(settings)) {
      ConcurrentLinkedQueue<String> told = new ConcurrentLinkedQueue<>();
      two.follow("topic", () -> told.add("two"));
      one.write(handle -> BulletinSql.post(handle, "topic"));
      await().atMost(Duration.ofSeconds(1)).until(() -> told.contains("two"));
    }
  }

  @Test
  void aNoticeFromBeforeItsFirstFollowerIsToldToIt() {
    PostgresSettings settings = NEW.database();
    try (Database one = PostgresServers.open(settings);
        Database two = PostgresServers.open(settings)) {
      ConcurrentLinkedQueue<String> told = new ConcurrentLinkedQueue<>();
      two.follow("seen", () -> told.add("seen"));
      one.announce("early");
      one.announce("seen");
      await().until(() -> told.contains("seen"));
      two.follow("early", () -> told.add("early"));
      await().atMost(Duration.ofSeconds(1)).until(() -> told.contains("early"));
    }
  }

  @Test
  void whatIsWrongIsSaidInPlainWordsWithoutThePassword() {
    PostgresSettings good = NEW.database();
    NEW.execute("CREATE ROLE stranger LOGIN PASSWORD 'right-one'");
    refused(
        settings("postgresql://postgres@127.0.0.1:1/x"), "does not answer", "Check that it runs");
    refused(
        settings("postgresql://postgres@127.0.0.1:" + NEW.port() + "/nowhere"),
        "no such database",
        "CREATE DATABASE");
    refused(
        settings("postgresql://nobody:secret@127.0.0.1:" + NEW.port() + "/postgres"),
        "does not let nobody in",
        "FAREGATE_DATABASE_PASSWORD");
    PostgresSettings empty = NEW.emptyDatabase();
    refused(
        empty.with("stranger", new Secret("secret")),
        "stranger may not make tables",
        "GRANT CREATE");
    assertThatThrownBy(() -> PostgresUrl.parse(new Secret("mysql://me:secret@host/x")))
        .hasMessageContaining("postgresql://HOST")
        .hasMessageNotContaining("secret");
    PostgresServers.open(good).close();
  }

  private static void refused(PostgresSettings settings, String... words) {
    assertThatThrownBy(() -> PostgresServers.open(settings))
        .isInstanceOf(DatabaseUnusableException.class)
        .hasMessageContainingAll(words)
        .hasMessageNotContaining("secret");
  }

  private static PostgresSettings settings(String url) {
    return PostgresSettings.of(PostgresUrl.parse(new Secret(url)));
  }

  @Test
  void bothFormsOfTheUrlAreRead() {
    PostgresUrl plain =
        PostgresUrl.parse(new Secret("postgresql://me:p%40ss+1@db:5433/gate?sslmode=require"));
    assertThat(plain.jdbc()).isEqualTo("jdbc:postgresql://db:5433/gate?sslmode=require");
    assertThat(plain.user()).contains("me");
    assertThat(plain.password().orElseThrow().reveal()).isEqualTo("p@ss+1");
    assertThat(plain.shown()).isEqualTo("postgresql://db:5433/gate");
    PostgresUrl jdbc =
        PostgresUrl.parse(new Secret("jdbc:postgresql://a,b:5433/gate?user=me&x=y&password=s"));
    assertThat(jdbc.jdbc()).isEqualTo("jdbc:postgresql://a,b:5433/gate?x=y");
    assertThat(jdbc.user()).contains("me");
    assertThat(jdbc.password().orElseThrow().reveal()).isEqualTo("s");
  }
}
