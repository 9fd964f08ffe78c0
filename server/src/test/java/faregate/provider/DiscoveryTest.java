package faregate.provider;

import static org.assertj.core.api.Assertions.assertThat;

import faregate.catalog.Provider;
import faregate.http.EventLoops;
import faregate.http.Routes;
import faregate.http.Server;
import faregate.http.ServerSettings;
import faregate.http.Upstream;
import faregate.http.UpstreamSettings;
import faregate.http.Visit;
import faregate.id.CallId;
import faregate.kit.Clock;
import faregate.kit.Secret;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Against a server on a real socket that answers well, badly, or not at all.
class DiscoveryTest {
  /// One model, and what is none or could not be told on.
  private static final String BARE =
      "[{\"id\":\"x\"},{\"name\":\"none\"},{\"id\":\"\\ud800y\"},{\"id\":\"a\\tb\"},{\"id\":\"%s\"}]"
          .formatted("z".repeat(201));

  private static final AtomicLong IDS = new AtomicLong();
  private static final Map<String, String> KEYS = new ConcurrentHashMap<>();
  private static Vertx vertx;
  private static Server server;
  private static Upstream upstream;
  private static Discovery discovery;

  @BeforeAll
  static void start() throws Exception {
    vertx = EventLoops.start(2);
    Routes routes =
        new Routes()
            .get(
                "/good/v1/models",
                visit -> {
                  KEYS.put("x-key", String.valueOf(visit.header("x-key")));
                  answer(visit, "{\"object\":\"list\",\"data\":[{\"id\":\"a\"},{\"id\":\"b/c\"}]}");
                })
            .get("/bare/v1/models", visit -> answer(visit, BARE))
            .get("/html/v1/models", visit -> answer(visit, "<html>"))
            .get("/other/v1/models", visit -> answer(visit, "{\"models\":[]}"))
            .get("/silent/v1/models", _ -> {});
    server =
        Server.start(
                vertx,
                ServerSettings.on("127.0.0.1", 0).withLoops(1),
                routes,
                () -> new CallId(IDS.incrementAndGet()))
            .toCompletionStage()
            .toCompletableFuture()
            .get(10, TimeUnit.SECONDS);
    upstream = new Upstream(vertx, UpstreamSettings.standard(), Clock.system());
    discovery = new Discovery(vertx, upstream, Duration.ofMillis(700));
  }

  @AfterAll
  static void stop() throws Exception {
    upstream.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  @Test
  void thoseThatAnswerAreHeardAndTheOthersAreLeftOutInBoundedTime() {
    long before = Clock.system().nanoTime();
    Map<String, List<String>> found =
        discovery.discover(
            List.of(
                at("good"),
                at("bare"),
                at("html"),
                at("other"),
                at("silent"),
                at("missing"),
                Provider.local("closed", "http://127.0.0.1:1/v1")));
    Duration took = Duration.ofNanos(Clock.system().nanoTime() - before);
    assertThat(found).isEqualTo(Map.of("good", List.of("a", "b/c"), "bare", List.of("x")));
    assertThat(took).isLessThan(Duration.ofSeconds(5));
  }

  @Test
  void theKeyGoesInTheProvidersOwnHeader() {
    discovery.discover(List.of(keyed("X-Key", "Token ", new Secret("abc"))));
    assertThat(KEYS).containsEntry("x-key", "Token abc");
    discovery.discover(List.of(keyed("X-Key", "Token ", null)));
    assertThat(KEYS).containsEntry("x-key", "null");
  }

  @Test
  void anEventLoopIsNotMadeToWait() throws Exception {
    CompletableFuture<Boolean> refused = new CompletableFuture<>();
    vertx.runOnContext(
        _ -> {
          try {
            discovery.discover(List.of());
            refused.complete(false);
          } catch (IllegalStateException e) {
            refused.complete(true);
          }
        });
    assertThat(refused.get(5, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void nobodyToAskIsNoError() {
    assertThat(discovery.discover(List.of())).isEmpty();
  }

  private static void answer(Visit visit, String json) {
    visit.answerJson(200, Buffer.buffer(json));
  }

  private static Provider at(String folder) {
    return Provider.local(folder, "http://127.0.0.1:" + server.port() + "/" + folder + "/v1");
  }

  private static Provider keyed(String header, String prefix, @Nullable Secret key) {
    Provider plain = at("good");
    return new Provider(
        plain.slug(),
        plain.name(),
        plain.family(),
        plain.baseUrl(),
        plain.chatPath(),
        header,
        prefix,
        null,
        key,
        false,
        plain.billsOnCancel(),
        plain.outputLimitField(),
        plain.requestIdHeader(),
        true,
        null,
        plain.source());
  }
}
