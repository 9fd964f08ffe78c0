package faregate.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import faregate.cli.KillCallers.Told;
import faregate.http.EventLoops;
import faregate.kit.Json;
import faregate.sandbox.BillEntry;
import faregate.sandbox.Sandbox;
import faregate.sandbox.SandboxModel;
import faregate.sandbox.SandboxSettings;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// kill -9 of a serving node in the middle of load, with the packed jar as a process. The provider
/// lives in this process, so its bill survives.
///
/// Takes some 25 s. More rounds: `-Dfaregate.kill.rounds=20`.
class KillIT {
  private static final int ROUNDS = Integer.getInteger("faregate.kill.rounds", 3);
  private static final long NANOS_PER_OUTPUT_TOKEN = 10_000;
  private static final int OUTPUT_TOKENS_MAX = 16_384;
  private static final SandboxModel MODEL =
      new SandboxModel("m", 60, 0, 4, 65_536, OUTPUT_TOKENS_MAX, 1_000, NANOS_PER_OUTPUT_TOKEN);

  private static Vertx vertx;
  private static Sandbox provider;
  private static HttpClient http;
  @TempDir private Path temp;

  @BeforeAll
  static void start() {
    vertx = EventLoops.start(1);
    provider = Sandbox.start(vertx, SandboxSettings.standIn().withModels(List.of(MODEL))).await();
    http = HttpClient.newHttpClient();
  }

  @AfterAll
  static void stop() {
    http.shutdownNow();
    vertx.close().await();
  }

  @Test
  void noKillLosesMoneyOrHoldsItForEver() throws Exception {
    long seed = Long.getLong("faregate.kill.seed", System.nanoTime());
    SplittableRandom random = new SplittableRandom(seed);
    Path data = prepare();
    String token = Ran.of("token", "create", "--user", "ann", "--data", data.toString()).out();
    List<Told> told = new ArrayList<>();
    for (int round = 0; round < ROUNDS; round++) {
      String when = "seed " + seed + ", round " + round;
      try (Child server = Child.start("--port", "0", "--data", data.toString())) {
        theNextCallIsServed(server, token.strip(), data, when);
        try (KillCallers callers = new KillCallers(server.url(), token.strip())) {
          Thread.sleep(1_000 + random.nextInt(1_000));
          server.signal("KILL");
          server.exitCode();
          told.addAll(callers.told());
        }
      }
      assertThat(Ran.of("audit", "--data", data.toString()).out()).as(when).startsWith("Clean.");
    }
    try (Child server = Child.start("--port", "0", "--data", data.toString())) {
      String when = "seed " + seed + ", after the last round";
      theNextCallIsServed(server, token.strip(), data, when);
      await().until(() -> bills().values().stream().noneMatch(KillIT::isRunning));
      assertThat(told).as(when).hasSizeGreaterThan(20 * ROUNDS);
      assertThat(told).anyMatch(Told::stream).anyMatch(each -> !each.stream());
      Map<String, BillEntry> bills = bills();
      for (Told each : told) {
        compare(server, token.strip(), each, bills, when);
      }
      noChargeIsAboveItsBill(server, token.strip(), bills, when);
    }
    theBooksCoverTheBill(data, seed);
  }

  private Path prepare() throws IOException {
    Path data = Files.createDirectory(temp.resolve("data"));
    String folder = data.toString();
    Files.writeString(
        data.resolve("faregate.yaml"),
        """
        providers:
          other:
            base_url: http://127.0.0.1:%d/v1
            models:
              - id: test/m
                input_usd_per_mtok: 1
                output_usd_per_mtok: 10
                context_tokens: 65536
                max_output_tokens: %d
        """
            .formatted(provider.port(), OUTPUT_TOKENS_MAX));
    assertThat(Ran.of("user", "create", "ann", "--data", folder).code()).isZero();
    assertThat(Ran.of("grant", "--user", "ann", "--usd", "15", "--data", folder).code()).isZero();
    return data;
  }

  /// A call that needs nearly all that is left: no hold of a dead call stands in its way.
  private static void theNextCallIsServed(Child server, String token, Path data, String when)
      throws Exception {
    JsonNode usage = json("usage", "--data", data.toString(), "--json").get(0);
    assertThat(usage.path("held_usd").asString()).as(when).isEqualTo("0.00");
    long left = usage.path("left_nano_usd").longValue() * 9 / 10;
    long choices = Math.min(128, left / (OUTPUT_TOKENS_MAX * NANOS_PER_OUTPUT_TOKEN));
    assertThat(choices).as("choices that the credit pays").isGreaterThan(20);
    HttpResponse<String> answer =
        http.send(
            request(server, "/v1/chat/completions", token)
                .POST(
                    HttpRequest.BodyPublishers.ofString(
                        """
                        {"model": "test/m", "n": %d, "max_tokens": %d, "sandbox": {"tokens": 1},
                         "messages": [{"role": "user", "content": "Are you there?"}]}
                        """
                            .formatted(choices, OUTPUT_TOKENS_MAX)))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(when + ": " + answer.body()).isEqualTo(200);
  }

  private static void compare(
      Child server, String token, Told told, Map<String, BillEntry> bills, String when)
      throws Exception {
    HttpResponse<String> answer =
        http.send(
            request(server, "/api/settings/billing/calls/" + told.call(), token).build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).as("%s: %s", when, told).isEqualTo(200);
    JsonNode row = Json.MAPPER.readTree(answer.body());
    assertThat(row.path("state").asString()).as("%s: %s", when, told).isEqualTo("ended");
    assertThat(row.path("costNanoUsd").longValue()).as("%s: %s", when, row).isEqualTo(told.cost());
    BillEntry bill = bills.get(row.path("providerRequestId").asString());
    assertThat(bill)
        .as("%s: the bill of %s", when, row)
        .isNotNull()
        .extracting(BillEntry::costNanoUsd)
        .isEqualTo(told.cost());
  }

  private static void noChargeIsAboveItsBill(
      Child server, String token, Map<String, BillEntry> bills, String when) throws Exception {
    HttpResponse<String> answer =
        http.send(
            request(server, "/api/settings/billing/calls?limit=100", token).build(),
            HttpResponse.BodyHandlers.ofString());
    JsonNode calls = Json.MAPPER.readTree(answer.body()).path("calls");
    assertThat(calls.size()).as(when).isPositive();
    for (JsonNode call : calls) {
      String path = "/api/settings/billing/calls/" + call.path("id").asString();
      JsonNode row =
          Json.MAPPER.readTree(
              http.send(request(server, path, token).build(), HttpResponse.BodyHandlers.ofString())
                  .body());
      BillEntry bill = bills.get(row.path("providerRequestId").asString());
      long billed = bill == null ? 0 : bill.costNanoUsd();
      assertThat(row.path("costNanoUsd").longValue())
          .as("%s: %s", when, row)
          .isLessThanOrEqualTo(billed);
    }
  }

  /// What the provider bills was paid by the user, or is on record as the operator's.
  private static void theBooksCoverTheBill(Path data, long seed) throws IOException {
    JsonNode audit = json("audit", "--data", data.toString(), "--json");
    long posted = nanos(audit, "posted_usd");
    long risk = nanos(audit, "loss_usd") + nanos(audit, "exposure_usd");
    long billed = provider.bill().costNanoUsd();
    assertThat(posted).as("seed %d", seed).isPositive().isLessThanOrEqualTo(billed);
    assertThat(billed).as("seed %d", seed).isLessThanOrEqualTo(posted + risk);
    assertThat(risk).as("seed %d: a kill leaves a trace", seed).isPositive();
  }

  private static long nanos(JsonNode of, String usd) {
    return new BigDecimal(of.path(usd).asString()).movePointRight(9).longValueExact();
  }

  private static Map<String, BillEntry> bills() {
    Map<String, BillEntry> bills = new TreeMap<>();
    provider.bill().all().forEach(entry -> bills.put(entry.id(), entry));
    return bills;
  }

  private static boolean isRunning(BillEntry entry) {
    return entry.state() == BillEntry.State.RUNNING;
  }

  private static JsonNode json(String... args) throws IOException {
    Ran ran = Ran.of(args);
    assertThat(ran.code()).as(ran.err()).isZero();
    return Json.MAPPER.readTree(ran.out());
  }

  private static HttpRequest.Builder request(Child server, String path, String token) {
    return HttpRequest.newBuilder(URI.create(server.url() + path))
        .header("Authorization", "Bearer " + token);
  }
}
