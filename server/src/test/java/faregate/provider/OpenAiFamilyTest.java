package faregate.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import faregate.catalog.Provider;
import faregate.http.EventLoops;
import faregate.http.Upstream;
import faregate.http.UpstreamAnswer;
import faregate.http.UpstreamException;
import faregate.http.UpstreamRequest;
import faregate.http.UpstreamSettings;
import faregate.kit.Clock;
import faregate.kit.Secret;
import faregate.provider.families.Families;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PemKeyCertOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What goes over the line to a real provider: path, headers and body, over TLS, against a base URL
/// that was overridden. Nothing here speaks to the real services.
class OpenAiFamilyTest {
  /// Long, for the first TLS handshake of a process on a busy machine takes seconds.
  private static final Patience PATIENCE =
      new Patience(Duration.ofSeconds(30), Duration.ofSeconds(30));

  @TempDir static Path folder;
  private static final List<String> HEARD = new CopyOnWriteArrayList<>();
  private static Vertx vertx;
  private static Upstream upstream;
  private static Path authority;
  private static HttpServer good;
  private static HttpServer otherName;

  @BeforeAll
  static void start() throws Exception {
    vertx = EventLoops.start(1);
    TestAuthority maker = new TestAuthority();
    authority = maker.write(folder.resolve("authority.pem"));
    good = serve(maker.issue(folder, "localhost"));
    otherName = serve(maker.issue(folder, "elsewhere.example"));
    upstream = new Upstream(vertx, UpstreamSettings.standard(), Clock.system());
  }

  private static HttpServer serve(TestAuthority.Issued files) {
    PemKeyCertOptions keys =
        new PemKeyCertOptions()
            .setCertPath(files.certificate().toString())
            .setKeyPath(files.key().toString());
    return vertx
        .createHttpServer(new HttpServerOptions().setSsl(true).setKeyCertOptions(keys))
        .requestHandler(
            request ->
                request
                    .body()
                    .onSuccess(
                        body -> {
                          StringBuilder heard = new StringBuilder();
                          heard.append(request.method()).append(' ').append(request.uri());
                          request
                              .headers()
                              .forEach(
                                  (k, v) -> heard.append('\n').append(k).append(": ").append(v));
                          HEARD.add(heard.append("\n\n").append(body).toString());
                          request.response().putHeader("x-req", "r1").end("{\"ok\":true}");
                        }))
        .listen(0, "localhost")
        .await();
  }

  @AfterAll
  static void stop() {
    vertx.close().await();
  }

  private static Provider provider(
      String slug,
      String baseUrl,
      String path,
      String header,
      String prefix,
      @Nullable Secret key,
      @Nullable Path trusted) {
    return new Provider(
        slug,
        slug,
        "openai",
        baseUrl,
        path,
        header,
        prefix,
        "KEY",
        key,
        true,
        false,
        "max_tokens",
        "x-req",
        false,
        trusted,
        "a test");
  }

  private static UpstreamAnswer send(UpstreamRequest request) {
    Promise<UpstreamAnswer> answer = Promise.promise();
    vertx
        .getOrCreateContext()
        .runOnContext(
            _ ->
                upstream
                    .send(request)
                    .answer()
                    .onSuccess(each -> each.body().resume())
                    .onComplete(answer));
    return answer.future().await();
  }

  @ParameterizedTest
  @CsvSource({
    "groq,         /openai,    /v1/chat/completions, Authorization, 'Bearer '",
    "together,     '',         /v1/chat/completions, Authorization, 'Bearer '",
    "hf-inference, /hf,        /v1/chat/completions, Authorization, 'Bearer '",
    "fireworks-ai, /inference, /v1/chat/completions, Authorization, 'Bearer '",
    "azure-like,   /deploy/,   /chat?api-version=1,  api-key,       ''",
  })
  void saysWhatTheProviderExpects(
      String slug, String prefix, String path, String header, String before) {
    Provider provider =
        provider(
            slug,
            "https://localhost:" + good.actualPort() + prefix,
            path,
            header,
            before,
            new Secret("k-" + slug),
            authority);
    String body = "{\"model\":\"m\",\"max_tokens\":7}";
    HEARD.clear();

    UpstreamAnswer answer =
        send(Families.of("openai").chat(provider, Buffer.buffer(body), false, PATIENCE));

    assertThat(answer.status()).isEqualTo(200);
    assertThat(Families.of("openai").requestId(provider, answer.headers())).isEqualTo("r1");
    String heard = HEARD.getFirst();
    assertThat(heard)
        .startsWith("POST " + prefix.replaceAll("/$", "") + path + "\n")
        .endsWith("\n\n" + body);
    assertThat(heard.lines().toList())
        .contains(header + ": " + before + "k-" + slug)
        .contains("content-type: application/json", "accept: application/json")
        .contains("accept-encoding: identity", "user-agent: faregate")
        .contains("content-length: " + body.length())
        .contains("host: localhost:" + good.actualPort());
  }

  @Test
  void asksForAnEventStreamAndSendsNoKeyWhereThereIsNone() {
    Provider provider =
        provider(
            "local",
            "https://localhost:" + good.actualPort(),
            "/v1/x",
            "Authorization",
            "Bearer ",
            null,
            authority);
    HEARD.clear();

    send(Families.of("openai").chat(provider, Buffer.buffer("{}"), true, PATIENCE));

    assertThat(HEARD.getFirst())
        .contains("accept: text/event-stream")
        .doesNotContain("Authorization");
  }

  @Test
  void trustsOnlyKnownAuthoritiesAndTheRightName() {
    Provider stranger =
        provider("a", "https://localhost:" + good.actualPort(), "/", "h", "", null, null);
    Provider wrong =
        provider("b", "https://localhost:" + otherName.actualPort(), "/", "h", "", null, authority);
    Family family = Families.of("openai");
    HEARD.clear();

    assertThatThrownBy(() -> send(family.chat(stranger, Buffer.buffer(), false, PATIENCE)))
        .isInstanceOfSatisfying(
            UpstreamException.class,
            e -> assertThat(e.stage()).isEqualTo(UpstreamException.Stage.NOT_SENT));
    assertThatThrownBy(() -> send(family.chat(wrong, Buffer.buffer(), false, PATIENCE)))
        .isInstanceOfSatisfying(
            UpstreamException.class,
            e -> assertThat(e.stage()).isEqualTo(UpstreamException.Stage.NOT_SENT));
    assertThat(HEARD).isEmpty();
  }

  @Test
  void unknownFamiliesAreNamed() {
    assertThatThrownBy(() -> Families.of("carrier-pigeon"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("carrier-pigeon");
  }

  /// It goes into an index, which takes no novels.
  @Test
  void anAbsurdRequestIdIsNone() {
    Provider provider = Provider.local("here", "http://127.0.0.1:1/v1");
    var headers = HttpHeaders.headers().add(provider.requestIdHeader(), "r".repeat(201));
    assertThat(Families.of("openai").requestId(provider, headers)).isEmpty();
    headers.set(provider.requestIdHeader(), "r".repeat(200));
    assertThat(Families.of("openai").requestId(provider, headers)).hasSize(200);
  }
}
