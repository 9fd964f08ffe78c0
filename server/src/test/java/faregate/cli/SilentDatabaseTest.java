package faregate.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import faregate.kit.Json;
import faregate.ledger.SqlLedger;
import faregate.store.LineBetween;
import faregate.store.PostgresServers;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// A server whose database keeps all connections open and says nothing any more: callers are
/// refused within bounds, `/readyz` says by name what is missing, and when the line is well again
/// so is the server. Some 20 s.
class SilentDatabaseTest {
  private static final int SECONDS_MAX = 120;
  private static final Duration ANSWER_MAX = Duration.ofSeconds(30);

  private final PostgresServers servers = PostgresServers.shared(PostgresServers.NEW);
  private final HttpClient http = HttpClient.newHttpClient();
  @TempDir private Path temp;

  /// Two houses at once, since nearly all of the time is waiting.
  @Test
  void callersAreRefusedInTimeAndAllIsWellWhenTheLineIs() throws Exception {
    var silent = new House("silent", LineBetween::silence);
    // Only a batch of the ledger begins and commits in one answer.
    var midway = new House("midway", line -> line.silenceIn("BEGIN", "COMMIT"));
    for (House each : List.of(silent, midway)) {
      each.awaitEnd();
    }
  }

  /// What one house lives through, on a thread of its own, so that one that hangs says where.
  private final class House {
    private final CompletableFuture<Void> done = new CompletableFuture<>();
    private final Thread thread;

    House(String name, Consumer<LineBetween> silencing) {
      thread =
          Thread.ofPlatform()
              .name(name)
              .start(
                  () -> {
                    try {
                      live(name, silencing);
                      done.complete(null);
                    } catch (Throwable e) {
                      done.completeExceptionally(e);
                    }
                  });
    }

    void awaitEnd() throws Exception {
      try {
        done.get(SECONDS_MAX, TimeUnit.SECONDS);
      } catch (TimeoutException e) {
        AssertionError hangs = new AssertionError(thread.getName() + " hangs here", e);
        hangs.setStackTrace(thread.getStackTrace());
        throw hangs;
      }
    }
  }

  /// One house, from its first call to an audit.
  private void live(String name, Consumer<LineBetween> silencing) throws Exception {
    String database = servers.database().url().replaceFirst(".*/", "");
    try (LineBetween line = new LineBetween(servers.port())) {
      String url = "postgresql://postgres@127.0.0.1:" + line.port() + "/" + database;
      Common common = new Common(temp.resolve(name), null, url, false);
      Folder folder = common.folder();
      try (Serving serving = Serving.start(folder, common.config(folder), common, 0)) {
        String data = folder.path().toString();
        assertThat(Ran.of("user", "create", "ann", "--data", data).err()).isEmpty();
        String token = Ran.of("token", "create", "--user", "ann", "--data", data).out().strip();
        try {
          fallSilent(line, silencing, serving.url(), token);
          recover(line, serving, token);
        } finally {
          // Or a report that waits on one of them would keep the house from closing for its minute.
          line.speak();
          line.cutSilent();
        }
      }
    }
  }

  private void fallSilent(
      LineBetween line, Consumer<LineBetween> silencing, String url, String token) {
    assertThat(call(url, token).join().statusCode()).isEqualTo(200);
    silencing.accept(line);
    long began = System.nanoTime();
    // Its token is still known, so it is the ledger that it waits for.
    CompletableFuture<HttpResponse<String>> held = call(url, token);
    await().until(line::isSilent);

    Map<String, Duration> named = new TreeMap<>();
    CompletableFuture<HttpResponse<String>> unknown = null;
    while (named.size() < 3 || !held.isDone()) {
      Duration since = Duration.ofNanos(System.nanoTime() - began);
      assertThat(since).as("named until now: %s", named).isLessThan(Duration.ofSeconds(30));
      JsonNode ready = ready(url);
      for (String condition : new String[] {"identity", "node", "ledger"}) {
        if (!ready.path(condition).asString().equals("ok")) {
          assertThat(ready.path("ready").asBoolean()).isFalse();
          named.putIfAbsent(condition, since);
        }
      }
      if (unknown == null && since.toSeconds() >= 1) {
        unknown = call(url, token);
      }
      pause();
    }
    assertThat(named.get("identity")).isLessThan(Duration.ofSeconds(5));
    assertThat(named.get("node")).isLessThan(Duration.ofSeconds(8));
    assertThat(named.get("ledger")).isLessThan(Duration.ofSeconds(9));
    refused(held.join(), "ledger_unavailable");
    refused(Objects.requireNonNull(unknown).join(), "identity_unavailable");
    assertThat(Duration.ofNanos(System.nanoTime() - began))
        .as("7 s for the batch, 5 for its holds, 3 for an attempt to connect")
        .isLessThan(Duration.ofSeconds(20));
    long asked = System.nanoTime();
    refused(call(url, token).join(), "identity_unavailable");
    assertThat(Duration.ofNanos(System.nanoTime() - asked)).isLessThan(Duration.ofSeconds(4));
  }

  private void recover(LineBetween line, Serving serving, String token) {
    line.speak();
    await()
        .atMost(Duration.ofSeconds(10))
        .until(() -> ready(serving.url()).path("ready").asBoolean());
    assertThat(call(serving.url(), token).join().statusCode()).isEqualTo(200);
    SqlLedger ledger = serving.app().books().ledger();
    // What was written although nobody heard of it is given back.
    await().until(() -> ledger.holdsOpen() == 0);
    assertThat(ledger.audit().wrong()).isNull();
  }

  private static void refused(HttpResponse<String> answer, String code) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(500);
    JsonNode error = Json.MAPPER.readTree(answer.body()).path("error");
    assertThat(error.path("code").asString()).isEqualTo(code);
    assertThat(answer.headers().firstValue("retry-after")).isPresent();
  }

  private JsonNode ready(String url) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url + "/readyz")).timeout(ANSWER_MAX).build();
    return Json.MAPPER.readTree(
        http.sendAsync(request, HttpResponse.BodyHandlers.ofString()).join().body());
  }

  private CompletableFuture<HttpResponse<String>> call(String url, String token) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url + "/v1/chat/completions"))
            .header("Authorization", "Bearer " + token)
            .timeout(ANSWER_MAX)
            .POST(
                HttpRequest.BodyPublishers.ofString(
                    """
                    {"model":"faregate/sandbox-fast","max_tokens":5,
                     "messages":[{"role":"user","content":"Go on."}]}
                    """))
            .build();
    return http.sendAsync(request, HttpResponse.BodyHandlers.ofString());
  }

  private static void pause() {
    try {
      Thread.sleep(50);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
