package faregate.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import faregate.http.EventLoops;
import faregate.kit.Json;
import faregate.sandbox.Sandbox;
import faregate.sandbox.SandboxModel;
import faregate.sandbox.SandboxSettings;
import faregate.store.Database;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// What an operator is told of money that was really spent: differences from providers' bills, what
/// may still be billed, a purchase that was taken back too late, and a token's bound. Beside a
/// running server whose providers are sandboxes. Each test has a provider of its own.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MoneyCommandTest {
  private static final SandboxModel MODEL =
      new SandboxModel("m", 30, 0, 1, 65_536, 16_384, 1_000, 10_000);
  private static final long PROMPT = 11 * 1_000;
  private static final long TOKEN = 10_000;
  @TempDir private static Path data;
  private final HttpClient http = HttpClient.newHttpClient();
  private Vertx vertx;
  private Serving serving;
  private int users;
  private String user = "";
  private String token = "";

  @BeforeAll
  void open() throws Exception {
    vertx = EventLoops.start(1);
    Sandbox sandbox =
        Sandbox.start(vertx, SandboxSettings.standIn().withModels(List.of(MODEL))).await();
    StringBuilder yaml = new StringBuilder("reconcile:\n  every: 200ms\nproviders:\n");
    for (String name : List.of("even", "filed", "dear", "cut", "silent", "plain")) {
      yaml.append("  %s:\n    base_url: %s\n".formatted(name, sandbox.baseUrl()));
      if (!name.equals("silent")) {
        yaml.append("    billing_url: /sandbox/billing\n");
      }
      yaml.append(
          """
              models:
                - {id: test/m, input_usd_per_mtok: 1, output_usd_per_mtok: 10,
                   context_tokens: 65536, max_output_tokens: 16384}
          """);
    }
    Files.writeString(data.resolve("faregate.yaml"), yaml);
    Common common = new Common(data, null, false);
    Folder folder = common.folder();
    serving = Serving.start(folder, common.config(folder), common, 0);
  }

  @AfterAll
  void close() {
    assertThat(run("audit").out()).startsWith("Clean.");
    serving.close();
    http.shutdownNow();
    vertx.close().await();
  }

  @BeforeEach
  void meet() {
    user = "ann" + ++users;
    assertThat(run("user create " + user).err()).isEmpty();
    token = run("token create --user " + user).out().strip();
  }

  private static Ran run(String line) {
    return Ran.of((line + " --data " + data).split(" ", -1));
  }

  private static JsonNode json(String line) {
    Ran ran = run(line + " --json");
    assertThat(ran.err()).isEmpty();
    return Json.MAPPER.readTree(ran.out());
  }

  private HttpResponse<String> call(String provider, long tokens, String more)
      throws IOException, InterruptedException {
    String body =
        "{\"model\":\"test/m:%s\",\"max_tokens\":%d,%s\"messages\":[{\"role\":\"user\",\"content\":\"Tell me a story.\"}]}"
            .formatted(provider, tokens, more);
    return http.send(
        HttpRequest.newBuilder(URI.create(serving.url() + "/v1/chat/completions"))
            .header("authorization", "Bearer " + token)
            .header("content-type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  /// A call that costs exactly so many tokens and its prompt.
  private HttpResponse<String> exactly(String provider, long tokens) throws Exception {
    HttpResponse<String> answer =
        call(provider, tokens, "\"sandbox\":{\"tokens\":" + tokens + "},");
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return answer;
  }

  private static long cost(long tokens) {
    return PROMPT + tokens * TOKEN;
  }

  private static void billed(String provider, int lines) {
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> json("reconcile --provider " + provider).path("their_lines").asInt() == lines);
  }

  // ---- bills ----

  @Test
  void aBillThatAgreesIsNoDifference() throws Exception {
    exactly("even", 5);
    exactly("even", 20);
    billed("even", 2);
    Ran ran = run("reconcile --provider even");
    assertThat(ran.out())
        .contains("charged $0.000272 in 2 calls", "the operator's loss on top: $0.00;")
        .contains("Billed $0.000272 in 2 lines (billing_endpoint).")
        .endsWith("Difference $0.00, unexplained $0.00.\n");
    assertThat(ran.err()).isEmpty();
    assertThat(ran.code()).isZero();
    JsonNode told = json("reconcile --provider even");
    assertThat(told.path("ours_nano_usd").longValue())
        .isEqualTo(told.path("theirs_nano_usd").longValue())
        .isEqualTo(cost(5) + cost(20));
    assertThat(told.path("lines")).isEmpty();
  }

  @Test
  void aDifferenceThatNothingExplainsIsExitCodeOne(@TempDir Path bills) throws Exception {
    String id = Json.MAPPER.readTree(exactly("filed", 30).body()).path("id").stringValue();
    String request = id.replaceFirst("^chatcmpl-", "");
    billed("filed", 1);
    Path bill = bills.resolve("bill.csv");
    String command = "reconcile --provider filed --bill " + bill;
    Files.writeString(bill, "request_id,nano_usd\n" + request + "," + cost(30) + "\n");
    Ran agreed = run(command);
    assertThat(agreed.out()).contains("(bill.csv). Difference $0.00, unexplained $0.00.");
    assertThat(agreed.code()).isZero();

    Files.writeString(bill, "request_id,nano_usd\n" + request + "," + (cost(30) + 500_000) + "\n");
    Ran dearer = run(command);
    assertThat(dearer.out())
        .contains("Difference $0.0005, unexplained $0.0005.", "unexplained  1", request, "500000");
    assertThat(dearer.err()).isEmpty();
    assertThat(dearer.code()).isEqualTo(1);
    assertThat(run(command + " --json").code()).as("scripts are told the same").isEqualTo(1);

    Files.writeString(
        bill, "request_id,nano_usd\n" + request + "," + cost(30) + "\nnobody-s,7000\n");
    Ran more = run(command);
    assertThat(more.out()).contains("unexplained $0.000007.", "unknown_to_us", "nobody-s");
    assertThat(more.code()).isEqualTo(1);
    assertThat(run("reconcile --provider filed").code()).as("what was told is right").isZero();
  }

  @Test
  void aBillBeyondTheHoldIsTheOperatorsLossAndExplained() throws Exception {
    HttpResponse<String> answer =
        call("dear", 40, "\"sandbox\":{\"tokens\":9,\"bill_nano_usd\":5000000},");
    long held = Long.parseLong(header(answer, "x-faregate-held-nano-usd"));
    billed("dear", 1);
    await().until(() -> json("reconcile --provider dear").path("loss_nano_usd").longValue() > 0);
    Ran ran = run("reconcile --provider dear");
    assertThat(ran.out()).contains("Billed $0.005 in 1 lines", "unexplained $0.00.", "excess");
    assertThat(ran.code()).isZero();
    JsonNode told = json("reconcile --provider dear");
    assertThat(told.path("ours_nano_usd").longValue()).isEqualTo(held);
    assertThat(told.path("loss_nano_usd").longValue()).isEqualTo(5_000_000 - held);
  }

  private static String header(HttpResponse<String> answer, String name) {
    return answer.headers().firstValue(name).orElseThrow();
  }

  // ---- exposure ----

  /// One provider tells what it billed for an answer that it broke off, the other one never does.
  @Test
  void exposureIsOpenUntilTheBillSettlesIt() throws Exception {
    assertThat(run("exposure --month 2020-01").out())
        .isEqualTo(
            "2020-01: at most $0.00 may still be billed; bounds of $0.00 are settled by later"
                + " bills, which were $0.00 beyond the charges.\n");
    HttpResponse<String> settled = broken("cut");
    HttpResponse<String> open = broken("silent");
    await().until(() -> json("exposure").path("settled_nano_usd").longValue() > 0);
    JsonNode told = json("exposure");
    assertThat(told.path("lines")).hasSize(2);
    assertThat(told.path("open_nano_usd").longValue()).isEqualTo(bound(open));
    JsonNode line = line(told, open);
    assertThat(line.path("provider").stringValue()).isEqualTo("silent");
    assertThat(line.path("bound_nano_usd").longValue()).isEqualTo(bound(open));
    assertThat(line.path("billed_nano_usd").isNull()).isTrue();
    assertThat(told.path("settled_nano_usd").longValue()).isEqualTo(bound(settled));
    assertThat(line(told, settled).path("billed_nano_usd").longValue())
        .isBetween(PROMPT, PROMPT + bound(settled));
    Ran ran = run("exposure");
    assertThat(ran.out())
        .contains("at most $" + told.path("open_usd").stringValue() + " may still be billed")
        .contains("silent", "cut", header(open, "x-request-id"));
    assertThat(ran.code()).isZero();
  }

  private HttpResponse<String> broken(String provider) throws Exception {
    HttpResponse<String> answer =
        call(provider, 50, "\"stream\":true,\"sandbox\":{\"tokens\":50,\"cut_after\":3},");
    assertThat(answer.body()).contains("provider_broke_off");
    return answer;
  }

  /// What was held less what was charged.
  private static long bound(HttpResponse<String> answer) {
    String last = answer.body().strip().lines().toList().getLast().substring("data: ".length());
    long charged = Json.MAPPER.readTree(last).at("/error/cost_nano_usd").longValue();
    assertThat(charged).isPositive();
    return Long.parseLong(header(answer, "x-faregate-held-nano-usd")) - charged;
  }

  private static JsonNode line(JsonNode told, HttpResponse<String> answer) {
    String id = header(answer, "x-request-id");
    return told.path("lines")
        .valueStream()
        .filter(each -> each.path("call").stringValue().equals(id))
        .findFirst()
        .orElseThrow();
  }

  // ---- purchases ----

  @Test
  void whatWasUsedOfAReversedPurchaseIsOwedAndTheNextPurchasesPayIt() throws Exception {
    String buy = "purchase --user " + user;
    assertThat(run(buy + " --usd 1 --ref " + user + "-1").out())
        .endsWith("$1.10 left, $0.00 owed.\n");
    exactly("plain", 16_000);
    assertThat(run(buy + " --reverse --ref " + user + "-1").out())
        .as("the dime went first")
        .isEqualTo("Reversed %s-1: $0.00 left, $0.060011 owed.\n".formatted(user));
    assertThat(call("plain", 5, "").statusCode()).isEqualTo(402);
    assertThat(run(buy + " --reverse --ref " + user + "-1").out())
        .contains("$0.00 left, $0.060011 owed.", "It had been done before; nothing changed.");
    assertThat(run(buy + " --usd 0.05 --ref " + user + "-2").out())
        .as("all of it goes into the debt")
        .isEqualTo("Booked %s-2: $0.00 left, $0.010011 owed.\n".formatted(user));
    assertThat(call("plain", 5, "").statusCode()).isEqualTo(402);
    JsonNode paid = json(buy + " --usd 1 --ref " + user + "-3");
    assertThat(paid.path("debt_usd").asString()).isEqualTo("0.00");
    assertThat(paid.path("left_usd").asString()).isEqualTo("0.989989");
    exactly("plain", 5);
    assertThat(json("usage --user " + user).get(0).path("left_usd").asString())
        .isEqualTo("0.989928");
  }

  /// The ledger cannot tell whether a purchase that it could not write will be there after all, so
  /// the payment stays this account's.
  @Test
  void aPaymentInDoubtIsOfNoOtherAccount() {
    String other = user + "-s-brother";
    run("user create " + other);
    String ref = " --usd 2 --ref doubtful";
    Database database = serving.app().books().database();
    fault(database, "BEFORE INSERT ON transfer");
    Ran failed;
    try {
      failed = run("purchase --user " + user + ref);
    } finally {
      database.write(handle -> handle.execute("DROP TRIGGER fault"));
    }
    assertThat(failed.err())
        .startsWith("faregate: The ledger cannot write: ")
        .endsWith("Whether 'doubtful' was booked is not sure: repeat it, for the same account.\n");
    assertThat(failed.code()).isEqualTo(1);
    Ran stranger = run("purchase --user " + other + ref);
    assertThat(stranger.err()).contains("'doubtful' was booked for " + user + " before");
    assertThat(stranger.code()).isEqualTo(1);
    await().until(() -> serving.app().books().ledger().state().canWrite());
    assertThat(run("purchase --user " + user + ref).out())
        .isEqualTo("Booked doubtful: $2.10 left, $0.00 owed.\n");
    assertThat(run("purchase --user " + user + ref).out())
        .contains("$2.10 left", "It had been done before; nothing changed.");
    assertThat(json("usage --user " + other).get(0).path("left_usd").asString()).isEqualTo("0.10");
  }

  private static void fault(Database database, String step) {
    database.write(
        handle ->
            handle.execute(
                "CREATE TRIGGER fault %s BEGIN SELECT RAISE(ABORT, 'a fault'); END"
                    .formatted(step)));
  }

  // ---- bounds ----

  @Test
  void aTokensBoundIsFeltAndTakenAway() throws Exception {
    JsonNode row = json("token list --user " + user).get(0);
    String id = row.path("id").stringValue();
    Ran bounded = run("token limit " + id + " --requests-per-hour 2");
    assertThat(bounded.out()).isEqualTo("Token " + id + " (token) may make 2 calls an hour.\n");
    assertThat(bounded.code()).isZero();
    assertThat(json("token list --user " + user).get(0).path("requests_per_hour").intValue())
        .isEqualTo(2);
    exactly("plain", 5);
    exactly("plain", 5);
    HttpResponse<String> third = call("plain", 5, "");
    assertThat(third.statusCode()).isEqualTo(429);
    assertThat(third.body()).contains("rate_limit_exceeded");
    assertThat(run("token limit " + id + " --requests-per-hour 0").out())
        .isEqualTo("Token " + id + " (token) may make any calls an hour.\n");
    exactly("plain", 5);
    assertThat(run("token limit 12 --requests-per-hour 3"))
        .isEqualTo(
            new Ran(
                1,
                "",
                "faregate: There is no token with the id 12: the list of tokens shows the ids.\n"));
    assertThat(run("token limit " + id).err()).contains("--requests-per-hour");
    assertThat(run("token limit " + id + " --requests-per-hour=-1").code()).isEqualTo(2);
  }
}
