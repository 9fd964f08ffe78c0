package faregate.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import faregate.http.EventLoops;
import faregate.kit.FreePort;
import faregate.kit.Json;
import faregate.sandbox.Sandbox;
import faregate.sandbox.SandboxModel;
import faregate.sandbox.SandboxSettings;
import faregate.store.LineBetween;
import faregate.store.PostgresServers;
import io.vertx.core.Vertx;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Three nodes, each a process of its own, on one PostgreSQL, with shortened times: silent after 2
/// s, dead after 3 s. One life of theirs, told in order.
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ThreeNodesIT {
  private static final long NANOS_PER_OUTPUT_TOKEN = 10_000;
  private static final SandboxModel MODEL =
      new SandboxModel("m", 60, 0, 4, 65_536, 16_384, 1_000, NANOS_PER_OUTPUT_TOKEN);

  /// Some eighty seconds long.
  private static final String STREAM =
      "\"stream\":true,\"max_tokens\":2000,\"sandbox\":{\"tokens\":2000,\"chunk_ms\":40}";

  private static final Duration DEAD = Duration.ofSeconds(3);
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration HELD_UP_MAX = Duration.ofMillis(500);

  @TempDir private static Path temp;
  private static Vertx vertx;
  private static Sandbox provider;
  private static HttpClient http;
  private static EmbeddedPostgres server;
  private static int databasePort;
  private static String database;

  /// The second node's way to the database.
  private static LineBetween line;

  private static final List<Child> NODES = new ArrayList<>();

  @BeforeAll
  static void start() throws Exception {
    vertx = EventLoops.start(1);
    provider = Sandbox.start(vertx, SandboxSettings.standIn().withModels(List.of(MODEL))).await();
    http = HttpClient.newHttpClient();
    databasePort = FreePort.find();
    server = startDatabase();
    database = database(databasePort);
    line = new LineBetween(databasePort);
    List<CompletableFuture<Child>> starting =
        IntStream.rangeClosed(1, 3)
            .mapToObj(number -> CompletableFuture.supplyAsync(() -> node(number)))
            .toList();
    for (CompletableFuture<Child> each : starting) {
      NODES.add(each.join());
    }
  }

  private static String database(int port) {
    return "postgresql://postgres@127.0.0.1:" + port + "/postgres";
  }

  private static EmbeddedPostgres startDatabase() throws IOException {
    return PostgresServers.startOn(PostgresServers.NEW, temp.resolve("postgres"), databasePort);
  }

  private static Child node(int number) {
    try {
      Path data = Files.createDirectories(folder(number));
      Files.writeString(
          data.resolve("faregate.yaml"),
          """
          nodes:
            beat: 200ms
            silence: 2s
            dead: 3s
          providers:
            other:
              base_url: http://127.0.0.1:%d/v1
              models:
                - id: test/m
                  input_usd_per_mtok: 1
                  output_usd_per_mtok: 10
                  context_tokens: 65536
                  max_output_tokens: 16384
          """
              .formatted(provider.port()));
      String url = number == 2 ? database(line.port()) : database;
      return Child.start("--port", "0", "--data", data.toString(), "--database", url);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Path folder(int number) {
    return temp.resolve("node-" + number);
  }

  @AfterAll
  static void stop() throws IOException {
    NODES.forEach(Child::close);
    line.close();
    server.close();
    http.shutdownNow();
    vertx.close().await();
  }

  @Test
  @Order(1)
  void nodesThatStartTogetherFindEachOther() {
    assertThat(NODES).extracting(node -> metric(node, "node_number")).containsOnly(1L, 2L, 3L);
    assertThat(NODES).allSatisfy(node -> assertThat(metric(node, "nodes")).isEqualTo(3));
    assertThat(NODES.stream().filter(node -> node.output().contains("Your first token")))
        .as("one of them made the first user")
        .hasSize(1);
  }

  /// Money 9: budgets do not multiply by the number of replicas.
  @Test
  @Order(2)
  void oneWalletSpentThroughAllOfThemHoldsItsCap() {
    String token = userWith("cap", null);
    List<CompletableFuture<HttpResponse<String>>> calls =
        IntStream.range(0, 90)
            .mapToObj(each -> callLater(NODES.get(each % 3), token, "\"max_tokens\":500", 500))
            .toList();
    long told = 0;
    int served = 0;
    for (CompletableFuture<HttpResponse<String>> each : calls) {
      HttpResponse<String> answer = each.join();
      assertThat(answer.statusCode()).as(answer.body()).isIn(200, 402, 429);
      if (answer.statusCode() == 200) {
        served++;
        told += Json.MAPPER.readTree(answer.body()).at("/usage/cost_nano_usd").longValue();
      }
    }
    JsonNode used = json("usage", "--user", "cap", "--json").get(0);
    assertThat(served).as("a dime is some 19 calls of half a cent").isBetween(15, 20);
    assertThat(told).isLessThanOrEqualTo(100_000_000);
    assertThat(nanos(used, "cost_usd")).isEqualTo(told);
    assertThat(nanos(used, "left_usd")).isEqualTo(100_000_000 - told).isLessThan(6_000_000);
    assertThat(used.path("requests").intValue()).isEqualTo(served);
  }

  @Test
  @Order(3)
  void aRevokedTokenIsRefusedByAllOfThemWithinASecond() throws Exception {
    String token = userWith("eve", null);
    for (Child node : NODES) {
      assertThat(call(node, token, "\"max_tokens\":5", 5).statusCode()).isEqualTo(200);
    }
    JsonNode row = json("token", "list", "--user", "eve", "--json").get(0);
    ran("token", "revoke", row.path("id").stringValue());
    long revoked = System.nanoTime();
    for (Child node : NODES) {
      await()
          .atMost(Duration.ofSeconds(5))
          .pollInterval(Duration.ofMillis(20))
          .until(() -> whoami(node, token) == 401);
    }
    assertThat(System.nanoTime() - revoked).isLessThan(Duration.ofSeconds(1).toNanos());
  }

  @Test
  @Order(3)
  void aReloadOfOneReachesAllOfThem() throws Exception {
    rename("test/m", "test/renamed");
    assertThat(get(NODES.get(1), "/v1/models/test/m").statusCode()).isEqualTo(200);
    ran("reload");
    long reloaded = System.nanoTime();
    for (Child node : NODES.subList(1, 3)) {
      await()
          .atMost(Duration.ofSeconds(5))
          .pollInterval(Duration.ofMillis(20))
          .until(() -> get(node, "/v1/models/test/renamed").statusCode() == 200);
    }
    assertThat(System.nanoTime() - reloaded).isLessThan(Duration.ofSeconds(1).toNanos());
    rename("test/renamed", "test/m");
    ran("reload");
    for (Child node : NODES.subList(1, 3)) {
      await().until(() -> get(node, "/v1/models/test/m").statusCode() == 200);
    }
  }

  /// A client that repeats itself through a load balancer comes to whichever node.
  @Test
  @Order(3)
  void aRepeatAtAnotherNodeIsToldOfTheFirstCall() throws Exception {
    String token = userWith("kay", null);
    String slow = "\"max_tokens\":20,\"sandbox\":{\"tokens\":20,\"delay_ms\":3000}";
    CompletableFuture<HttpResponse<String>> first = send(NODES.getFirst(), token, slow, "order-1");
    await().until(() -> heldBy("kay") > 0);
    Set<String> ids = new HashSet<>();
    for (Child node : NODES) {
      JsonNode running = repeated(node, token, slow, "order-1");
      assertThat(running.path("state").stringValue()).isEqualTo("open");
      ids.add(running.path("first_request_id").stringValue());
    }
    HttpResponse<String> answer = first.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    for (Child node : NODES) {
      JsonNode posted = repeated(node, token, slow, "order-1");
      assertThat(posted.path("state").stringValue()).isEqualTo("posted");
      assertThat(posted.path("cost_nano_usd").longValue())
          .isEqualTo(Json.MAPPER.readTree(answer.body()).at("/usage/cost_nano_usd").longValue());
      ids.add(posted.path("first_request_id").stringValue());
    }
    assertThat(ids).containsExactly(answer.headers().firstValue("x-request-id").orElseThrow());
    assertThat(json("usage", "--user", "kay", "--json").get(0).path("requests").intValue())
        .isEqualTo(1);
  }

  /// In what the second and the third node read when they reload.
  private static void rename(String from, String to) throws IOException {
    for (int number = 2; number <= 3; number++) {
      Path file = folder(number).resolve("faregate.yaml");
      Files.writeString(file, Files.readString(file).replace("id: " + from, "id: " + to));
    }
  }

  /// The second node has an organization's lots locked, and says nothing more. Whoever calls on
  /// that wallet elsewhere waits until the server ends its transaction; nobody else waits. What the
  /// machine itself holds up is no fault of ours, so the best of three counts.
  @Test
  @Order(3)
  void aNodeStoppedInsideATransactionHoldsUpNoOtherWallet(TestReporter reporter) throws Exception {
    String token = userWith("olga", null);
    ran("org", "create", "acme", "--tier", "enterprise", "--seats", "5");
    ran("org", "member-add", "acme", "olga");
    for (Child node : NODES) {
      assertThat(ask(node, token, "acme").join().statusCode()).isEqualTo(200);
    }
    Child stopped = NODES.get(1);
    Duration longest = Duration.ofDays(1);
    try (LockedLots lots = new LockedLots(driverUrl(), "acme");
        Steady _ = new Steady(http, request(stopped, token, "acme"), 4);
        Steady first = new Steady(http, request(NODES.getFirst(), userWith("pat", "1"), null), 2);
        Steady third = new Steady(http, request(NODES.getLast(), userWith("sam", "1"), null), 2)) {
      for (int round = 0; round < 3 && longest.compareTo(HELD_UP_MAX) > 0; round++) {
        long began = System.nanoTime();
        first.round();
        third.round();
        long calm = System.nanoTime();
        line.delay(100);
        int tries = lots.stopInside(stopped);
        long caught = System.nanoTime();
        List<CompletableFuture<HttpResponse<String>>> same =
            List.of(ask(NODES.getFirst(), token, "acme"), ask(NODES.getLast(), token, "acme"));
        for (CompletableFuture<HttpResponse<String>> each : same) {
          HttpResponse<String> answer = each.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
          assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        }
        long over = System.nanoTime();
        stopped.signal("CONT");
        line.delay(0);
        first.round();
        third.round();
        longest = Duration.ZERO;
        for (Steady others : List.of(first, third)) {
          Duration wait = others.longest(caught, over).minus(others.middle(began, calm));
          longest = wait.compareTo(longest) > 0 ? wait : longest;
        }
        reporter.publishEntry(
            "a node stopped inside a transaction",
            "caught at try %d; other wallets waited %d ms at most, the organization's own calls %d ms"
                .formatted(tries, longest.toMillis(), Duration.ofNanos(over - caught).toMillis()));
        await().atMost(PATIENCE).until(() -> ready(stopped) == 200);
      }
    }
    assertThat(longest).isLessThanOrEqualTo(HELD_UP_MAX);
    await().atMost(PATIENCE).until(() -> metric(stopped, "holds_open") == 0);
    clean();
  }

  private static String driverUrl() {
    return "jdbc:postgresql://127.0.0.1:" + databasePort + "/postgres?user=postgres";
  }

  private static CompletableFuture<HttpResponse<String>> ask(
      Child node, String token, String payer) {
    return http.sendAsync(request(node, token, payer), HttpResponse.BodyHandlers.ofString());
  }

  /// One for a short answer.
  ///
  /// @param payer an organization, or null for the caller
  private static HttpRequest request(Child node, String token, @Nullable String payer) {
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(URI.create(node.url() + "/v1/chat/completions"))
            .timeout(PATIENCE)
            .header("Authorization", "Bearer " + token);
    if (payer != null) {
      builder.header("X-HF-Bill-To", payer);
    }
    return builder
        .POST(
            HttpRequest.BodyPublishers.ofString(
                """
                {"model":"test/m","messages":[{"role":"user","content":"Go on."}],
                 "max_tokens":5,"sandbox":{"tokens":1}}
                """))
        .build();
  }

  /// Money 6 and 7: no phantom holds, no charge is lost.
  @Test
  @Order(4)
  void anotherNodeEndsWhatAKilledOneLeft() throws Exception {
    String token = userWith("kim", "1");
    Child killed = NODES.removeLast();
    Keyed keyed = new Keyed(userWith("ivy", "1"));
    List<CompletableFuture<HttpResponse<String>>> streams =
        new ArrayList<>(IntStream.range(0, 4).mapToObj(_ -> streamLater(killed, token)).toList());
    streams.addAll(keyed.begin(killed));
    await().until(() -> heldBy("kim") > 0);
    TimeUnit.MILLISECONDS.sleep(5_000);
    long before = recoveries();
    killed.signal("KILL");
    killed.exitCode();
    streams.forEach(each -> assertThat(each).failsWithin(PATIENCE));
    keyed.assertOpen(NODES.getFirst());
    await().atMost(PATIENCE).until(() -> recoveries() == before + 1);
    await().atMost(PATIENCE).until(() -> heldBy("kim") + heldBy("ivy") == 0);
    keyed.assertEnded(NODES.getFirst());
    JsonNode used = json("usage", "--user", "kim", "--json").get(0);
    assertThat(used.path("requests").intValue()).as("their marks are posted, once").isEqualTo(4);
    assertThat(nanos(used, "cost_usd")).isPositive();
    // Nearly all that is left can be held: nothing is held by the dead.
    long choices = nanos(used, "left_usd") / (16_384 * NANOS_PER_OUTPUT_TOKEN);
    assertThat(call(NODES.getFirst(), token, "\"max_tokens\":16384,\"n\":" + choices, 1))
        .extracting(HttpResponse::statusCode)
        .isEqualTo(200);
    clean();
    assertThat(metric(NODES.getFirst(), "nodes")).isEqualTo(2);
  }

  /// Two calls with keys on a node that is killed: one that had delivered, and one that had not.
  private record Keyed(String token) {
    private static final String UNANSWERED =
        "\"max_tokens\":20,\"sandbox\":{\"tokens\":20,\"hang\":true,\"times\":1,\"key\":\"ivy\"}";

    List<CompletableFuture<HttpResponse<String>>> begin(Child node) {
      return List.of(
          send(node, token, STREAM, "delivered"), send(node, token, UNANSWERED, "unanswered"));
    }

    /// Until the node is known to be dead, both may be under way for all that anybody knows.
    void assertOpen(Child other) throws Exception {
      for (String key : List.of("delivered", "unanswered")) {
        JsonNode repeat =
            repeated(other, token, key.equals("delivered") ? STREAM : UNANSWERED, key);
        assertThat(repeat.path("state").stringValue()).as(key).isEqualTo("open");
      }
    }

    /// What was delivered is paid for and not made again; what was not may be made again, once.
    void assertEnded(Child other) throws Exception {
      JsonNode posted = repeated(other, token, STREAM, "delivered");
      assertThat(posted.path("state").stringValue()).isEqualTo("posted");
      long cost = posted.path("cost_nano_usd").longValue();
      assertThat(cost)
          .isPositive()
          .isEqualTo(nanos(json("usage", "--user", "ivy", "--json").get(0), "cost_usd"));
      HttpResponse<String> again =
          send(other, token, UNANSWERED, "unanswered").get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      assertThat(again.statusCode()).as(again.body()).isEqualTo(200);
      assertThat(
              repeated(other, token, UNANSWERED, "unanswered").path("first_request_id").asString())
          .isEqualTo(again.headers().firstValue("x-request-id").orElseThrow());
    }
  }

  /// A node that was stopped for too long writes nothing when it comes back, tells its clients so,
  /// and joins again.
  @Test
  @Order(5)
  void aNodeThatReturnsFromTheDeadLeavesItsCallsAndJoinsAgain() throws Exception {
    String token = userWith("zoe", "1");
    Child stopped = NODES.getLast();
    CompletableFuture<HttpResponse<String>> stream = streamLater(stopped, token);
    await().until(() -> heldBy("zoe") > 0);
    TimeUnit.MILLISECONDS.sleep(5_000);
    Child other = NODES.getFirst();
    long before = metric(other, "node_recoveries");
    stopped.signal("STOP");
    await().atMost(PATIENCE).until(() -> metric(other, "node_recoveries") == before + 1);
    JsonNode ended = json("usage", "--user", "zoe", "--json").get(0);
    assertThat(ended.path("held_usd").stringValue()).isEqualTo("0.00");
    stopped.signal("CONT");
    String last = stream.get(PATIENCE.toSeconds(), TimeUnit.SECONDS).body();
    assertThat(last).contains("data: {\"error\"").doesNotContain("[DONE]");
    await().atMost(PATIENCE).until(() -> ready(stopped) == 200);
    assertThat(json("usage", "--user", "zoe", "--json").get(0)).isEqualTo(ended);
    assertThat(call(stopped, token, "\"max_tokens\":5", 5).statusCode()).isEqualTo(200);
    assertThat(NODES).extracting(node -> metric(node, "node_number")).doesNotHaveDuplicates();
    clean();
  }

  /// The database is away for longer than it takes to be dead.
  @Test
  @Order(6)
  void anOutageOfTheDatabaseKillsNobodyAndServingResumesAtOnce() throws Exception {
    String token = userWith("dan", "1");
    List<Long> numbers = NODES.stream().map(node -> metric(node, "node_number")).toList();
    long before = recoveries();
    server.close();
    TimeUnit.MILLISECONDS.sleep(DEAD.toMillis() + 2_000);
    for (Child node : NODES) {
      HttpResponse<String> refused = call(node, token, "\"max_tokens\":5", 5);
      assertThat(refused.statusCode()).as(refused.body()).isEqualTo(500);
      assertThat(ready(node)).isEqualTo(500);
    }
    server = startDatabase();
    for (Child node : NODES) {
      await()
          .atMost(Duration.ofSeconds(5))
          .until(() -> call(node, token, "\"max_tokens\":5", 5).statusCode() == 200);
    }
    TimeUnit.MILLISECONDS.sleep(DEAD.toMillis() + 1_000);
    assertThat(NODES.stream().map(node -> metric(node, "node_number"))).isEqualTo(numbers);
    assertThat(recoveries()).isEqualTo(before);
    clean();
  }

  /// Every cent that the provider bills was paid by somebody, or is on record.
  @Test
  @Order(7)
  void theBooksCoverTheBillAndAnOrderlyEndLeavesNothing() throws Exception {
    for (Child node : NODES) {
      node.signal("TERM");
      assertThat(node.exitCode()).isZero();
    }
    JsonNode audit = clean();
    long posted = nanos(audit, "posted_usd");
    long risk = nanos(audit, "loss_usd") + nanos(audit, "exposure_usd");
    long billed = provider.bill().costNanoUsd();
    assertThat(posted).isPositive().isLessThanOrEqualTo(billed);
    assertThat(billed).isLessThanOrEqualTo(posted + risk);
    assertThat(audit.path("holds").intValue()).isZero();
  }

  // ---- what it takes ----

  private static Ran ran(String... words) {
    List<String> all = new ArrayList<>(List.of(words));
    all.addAll(List.of("--data", folder(1).toString(), "--database", database));
    Ran ran = Ran.of(all.toArray(String[]::new));
    assertThat(ran.code()).as(ran.err()).isZero();
    return ran;
  }

  private static JsonNode json(String... words) {
    return Json.MAPPER.readTree(ran(words).out());
  }

  private static JsonNode clean() {
    JsonNode audit = json("audit", "--json");
    assertThat(audit.path("clean").booleanValue()).as(audit.toString()).isTrue();
    return audit;
  }

  /// A new user's token.
  ///
  /// @param usd granted beside the free tier's dime, or null
  private static String userWith(String name, @Nullable String usd) {
    ran("user", "create", name);
    if (usd != null) {
      ran("grant", "--user", name, "--usd", usd);
    }
    return ran("token", "create", "--user", name).out().strip();
  }

  private static long heldBy(String user) {
    return nanos(json("usage", "--user", user, "--json").get(0), "held_usd");
  }

  private static long nanos(JsonNode of, String usd) {
    return new BigDecimal(of.path(usd).asString()).movePointRight(9).longValueExact();
  }

  private static long recoveries() {
    return NODES.stream().mapToLong(node -> metric(node, "node_recoveries")).sum();
  }

  private static long metric(Child node, String name) {
    String line = "faregate_" + name + " ";
    return get(node, "/metrics")
        .body()
        .lines()
        .filter(each -> each.startsWith(line))
        .map(each -> new BigDecimal(each.substring(line.length())).longValue())
        .findFirst()
        .orElseThrow();
  }

  private static int ready(Child node) {
    return get(node, "/readyz").statusCode();
  }

  private static HttpResponse<String> get(Child node, String path) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(node.url() + path)).timeout(PATIENCE).build();
    return http.sendAsync(request, HttpResponse.BodyHandlers.ofString()).join();
  }

  private static int whoami(Child node, String token) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(node.url() + "/api/whoami-v2"))
            .header("Authorization", "Bearer " + token)
            .build();
    return http.sendAsync(request, HttpResponse.BodyHandlers.ofString()).join().statusCode();
  }

  private static HttpResponse<String> call(Child node, String token, String limits, int tokens)
      throws ExecutionException, InterruptedException, TimeoutException {
    return Objects.requireNonNull(
        callLater(node, token, limits, tokens).get(PATIENCE.toSeconds(), TimeUnit.SECONDS));
  }

  private static CompletableFuture<HttpResponse<String>> callLater(
      Child node, String token, String limits, int tokens) {
    return send(node, token, limits + ",\"sandbox\":{\"tokens\":" + tokens + "}");
  }

  private static CompletableFuture<HttpResponse<String>> streamLater(Child node, String token) {
    return send(node, token, STREAM);
  }

  /// What is told of the first call with a key.
  private static JsonNode repeated(Child node, String token, String rest, String key)
      throws ExecutionException, InterruptedException, TimeoutException {
    HttpResponse<String> answer =
        send(node, token, rest, key).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(409);
    assertThat(answer.headers().firstValue("x-should-retry")).contains("false");
    JsonNode error = Json.MAPPER.readTree(answer.body()).path("error");
    assertThat(error.path("code").stringValue()).isEqualTo("idempotency_key_repeated");
    return error;
  }

  private static CompletableFuture<HttpResponse<String>> send(
      Child node, String token, String rest) {
    return send(node, token, rest, null);
  }

  private static CompletableFuture<HttpResponse<String>> send(
      Child node, String token, String rest, @Nullable String key) {
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(URI.create(node.url() + "/v1/chat/completions"))
            .header("Authorization", "Bearer " + token);
    if (key != null) {
      builder.header("Idempotency-Key", key);
    }
    HttpRequest request =
        builder
            .POST(
                HttpRequest.BodyPublishers.ofString(
                    "{\"model\":\"test/m\",\"messages\":[{\"role\":\"user\",\"content\":\"Go"
                        + " on.\"}],"
                        + rest
                        + "}"))
            .build();
    return http.sendAsync(request, HttpResponse.BodyHandlers.ofString());
  }
}
