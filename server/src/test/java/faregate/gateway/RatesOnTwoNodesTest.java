package faregate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import faregate.gateway.Client.Answer;
import faregate.gateway.RunningHouse.Guest;
import faregate.identity.Permissions;
import faregate.identity.Token;
import faregate.identity.TokenRequest;
import faregate.limit.RateRule;
import faregate.store.PostgresServers;
import faregate.store.PostgresSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Bounds on how many calls may be made, through the doors of two nodes on one PostgreSQL.
class RatesOnTwoNodesTest {
  private static final CallSettings QUICK = new CallSettings(60, 1, 1_000, 20, 20, 1, 10, 1 << 20);
  private static final Pattern LEFT = Pattern.compile("\"api\";r=(\\d+);t=(\\d+)");
  private static final long HOUR_SECONDS = 3_600;
  @TempDir private static Path folder;
  private static PostgresSettings settings;
  private static final List<RunningHouse> HOUSES = new ArrayList<>();

  @BeforeAll
  static void open() throws Exception {
    settings = PostgresServers.shared(PostgresServers.NEW).database();
    for (String name : List.of("here", "there")) {
      Path own = Files.createDirectory(folder.resolve(name));
      HOUSES.add(RunningHouse.on(settings, own, QUICK));
    }
  }

  @AfterEach
  void unbound() {
    HOUSES.forEach(RunningHouse::bound);
  }

  @AfterAll
  static void close() throws Exception {
    for (RunningHouse house : HOUSES) {
      assertThat(house.ledger().audit().wrong()).isNull();
      house.close();
    }
  }

  private static Guest guest(String name) {
    return HOUSES.getFirst().guest(name);
  }

  /// The same client at each door.
  private static List<Client> doors(String token, String model) {
    return HOUSES.stream().map(house -> new Client(house.port(), token, model)).toList();
  }

  private static List<Client> bounded(String user, int perHour, String model) {
    guest(user);
    TokenRequest request =
        new TokenRequest(user, Permissions.DEFAULT, Token.NEVER, "", false, perHour);
    return doors(HOUSES.getFirst().token(request).secret().reveal(), model);
  }

  private static Answer call(Client client) throws Exception {
    return client.post(client.chat("\"max_tokens\":5"));
  }

  private static long told(Answer answer, int group) {
    Matcher matcher = LEFT.matcher(answer.header("RateLimit"));
    assertThat(matcher.matches()).as(answer.header("RateLimit")).isTrue();
    return Long.parseLong(matcher.group(group));
  }

  private static long left(Answer answer) {
    return told(answer, 1);
  }

  private static long resetSeconds(Answer answer) {
    return told(answer, 2);
  }

  @Test
  void eachTellsWhatIsLeftAtBothAndWhenAllMayBeMadeAnew() throws Exception {
    int bound = 4;
    List<Client> doors = bounded("alice", bound, "test/m0:one");
    long began = System.nanoTime();
    List<Answer> answers = new ArrayList<>();
    for (int call = 0; call < bound + 4; call++) {
      answers.add(call(doors.get(call % doors.size())));
    }
    long passedSeconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began) + 1;
    assertThat(answers.stream().map(RatesOnTwoNodesTest::left))
        .containsExactly(3L, 2L, 1L, 0L, 0L, 0L, 0L, 0L);
    long before = HOUR_SECONDS;
    for (int call = 0; call < answers.size(); call++) {
      Answer answer = answers.get(call);
      assertThat(answer.header("RateLimit-Policy"))
          .isEqualTo("\"fixed window\";\"api\";q=4;w=3600");
      assertThat(resetSeconds(answer)).isBetween(HOUR_SECONDS - passedSeconds, before);
      before = resetSeconds(answer);
      assertThat(answer.status()).isEqualTo(call < bound ? 200 : 429);
      if (call >= bound) {
        assertThat(answer.error().path("code").stringValue()).isEqualTo("rate_limit_exceeded");
        assertThat(answer.header("Retry-After")).isEqualTo(Long.toString(before));
      }
    }
  }

  @Test
  void ofManyAtOnceAtBothExactlySoManyAreMade() throws Exception {
    List<Client> doors = bounded("bob", 10, "test/m1:one");
    List<CompletableFuture<Answer>> calls = new ArrayList<>();
    for (int call = 0; call < 40; call++) {
      Client door = doors.get(call % doors.size());
      calls.add(door.postLater(door.chat("\"max_tokens\":5")));
    }
    List<Answer> answers = calls.stream().map(CompletableFuture::join).toList();
    List<Answer> made = answers.stream().filter(answer -> answer.status() == 200).toList();
    assertThat(made.stream().map(RatesOnTwoNodesTest::left))
        .as("each count was told once")
        .containsExactlyInAnyOrderElementsOf(LongStream.range(0, 10).boxed().toList());
    assertThat(answers.stream().filter(answer -> answer.status() == 429))
        .hasSize(30)
        .allSatisfy(
            answer ->
                assertThat(answer.header("Retry-After"))
                    .isEqualTo(Long.toString(resetSeconds(answer))));
  }

  @Test
  void aProvidersBoundIsOneForBoth() throws Exception {
    HOUSES.forEach(house -> house.bound(new RateRule("one", "free", 2)));
    List<Client> doors = doors(guest("carol").token(), "test/m2:one");
    assertThat(left(call(doors.getFirst()))).isEqualTo(1);
    assertThat(left(call(doors.getLast()))).isZero();
    for (Client door : doors) {
      Answer refused = call(door);
      assertThat(refused.status()).isEqualTo(429);
      assertThat(refused.error().path("provider").stringValue()).isEqualTo("one");
      assertThat(refused.header("RateLimit-Policy")).contains("q=2;w=3600");
      assertThat(refused.header("Retry-After")).isEqualTo(Long.toString(resetSeconds(refused)));
      assertThat(call(door.of("test/m2:two")).header("RateLimit")).isEmpty();
    }
  }

  @Test
  void aRepeatBeyondTheBoundIsToldOfTheFirstCallByBoth() throws Exception {
    List<Client> doors = bounded("frank", 1, "test/m4:one");
    String body = doors.getFirst().chat("\"max_tokens\":5");
    Answer first = doors.getFirst().post(body, "Idempotency-Key", "order-1");
    assertThat(first.status()).isEqualTo(200);
    for (Client door : doors) {
      Answer repeat = door.post(body, "Idempotency-Key", "order-1");
      assertThat(repeat.status()).as(repeat.raw().body()).isEqualTo(409);
      assertThat(repeat.error().path("state").stringValue()).isEqualTo("posted");
      assertThat(repeat.error().path("first_request_id").stringValue())
          .isEqualTo(first.id().text());
      assertThat(repeat.error().path("cost_nano_usd").longValue())
          .isEqualTo(first.json().at("/usage/cost_nano_usd").longValue());
      assertThat(left(repeat)).isZero();
      assertThat(door.post(body, "Idempotency-Key", "order-2").status()).isEqualTo(429);
    }
  }

  /// The table is locked, so whoever wanted so much as a look at it would have to wait.
  @Test
  void aCallWithoutABoundHasNothingToDoWithTheCounts() throws Exception {
    List<Client> free = doors(guest("dave").token(), "test/m3:one");
    Client bounded = bounded("erin", 3, "test/m3:one").getFirst();
    for (Client door : free) {
      assertThat(call(door).status()).as("warm").isEqualTo(200);
    }
    try (Connection locker = DriverManager.getConnection(settings.url(), "postgres", "")) {
      long before = rows(locker);
      locker.setAutoCommit(false);
      try (Statement statement = locker.createStatement()) {
        statement.execute("LOCK TABLE rate_bucket IN ACCESS EXCLUSIVE MODE");
      }
      CompletableFuture<Answer> waiting = bounded.postLater(bounded.chat("\"max_tokens\":5"));
      for (Client door : free) {
        Answer answer = call(door);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("RateLimit")).isEmpty();
        assertThat(answer.header("RateLimit-Policy")).isEmpty();
      }
      assertThat(waiting).as("one with a bound").isNotDone();
      assertThat(rows(locker)).isEqualTo(before);
      locker.rollback();
      assertThat(left(waiting.get(10, TimeUnit.SECONDS))).isEqualTo(2);
      assertThat(rows(locker)).isEqualTo(before + 1);
    }
  }

  private static long rows(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT count(*) FROM rate_bucket")) {
      row.next();
      return row.getLong(1);
    }
  }
}
