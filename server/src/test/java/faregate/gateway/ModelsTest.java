package faregate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import faregate.catalog.Catalog;
import faregate.catalog.CatalogSettings;
import faregate.catalog.CatalogSettings.ModelSettings;
import faregate.catalog.CatalogSettings.OfferSettings;
import faregate.catalog.CatalogSettings.RoutingSettings;
import faregate.catalog.Discoverer;
import faregate.health.HandClock;
import faregate.health.Health;
import faregate.http.EventLoops;
import faregate.http.Routes;
import faregate.http.Server;
import faregate.http.ServerSettings;
import faregate.id.CallId;
import faregate.id.OfferId;
import faregate.kit.Environment;
import faregate.kit.Json;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// The models' routes, on real sockets, compared as text.
class ModelsTest {
  private static final AtomicLong IDS = new AtomicLong();
  private static final OfferId PRICED = new OfferId("groq", "zz/first");

  @TempDir static Path folder;
  private static Vertx vertx;
  private static Server server;
  private static HttpClient client;
  private static Catalog catalog;
  private static final HandClock CLOCK = new HandClock();
  private static final Health HEALTH = new Health(CLOCK);

  @BeforeAll
  static void start() throws Exception {
    catalog = new Catalog(Environment.of(Map.of("GROQ_API_KEY", "k")), Discoverer.none());
    Routes routes = new Routes();
    new Models(catalog, HEALTH, CLOCK).addTo(routes);
    vertx = EventLoops.start(1);
    server =
        Server.start(
                vertx,
                ServerSettings.on("127.0.0.1", 0).withLoops(1),
                routes,
                () -> new CallId(IDS.incrementAndGet()))
            .toCompletionStage()
            .toCompletableFuture()
            .get(10, TimeUnit.SECONDS);
    client = HttpClient.newHttpClient();
  }

  @AfterAll
  static void stop() throws Exception {
    client.close();
    vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  @BeforeEach
  void load() throws IOException {
    Path file = folder.resolve("offers.csv");
    Files.writeString(
        file,
        """
        model,provider,input_usd_per_mtok,output_usd_per_mtok,context_tokens,tools,structured_output,input_modalities,task,free
        zz/first,groq,0.0375,10,8192,true,false,text+image,,
        zz/first,together,0.000001,1200,,,,text+audio,,
        zz/second,groq,,,0,,,,,
        zz/third,groq,,,0,,,,,true
        zz/vectors,groq,1,1,0,,,,feature-extraction,
        openai/own,openai,1,1,0,,,,,
        """);
    catalog.reload(
        new CatalogSettings(
            Map.of(),
            new OfferSettings(List.of(file), List.of(), List.of()),
            RoutingSettings.defaults()));
    HEALTH.succeeded(PRICED, -1, 0);
    CLOCK.pass(Models.LIST_LIFE);
  }

  @Test
  void aModelIsShownInTheContractsShape() throws Exception {
    assertThat(get("/v1/models/zz/first").body())
        .isEqualTo(
            """
            {"id":"zz/first","object":"model","created":1782864000,"owned_by":"zz",\
            "architecture":{"input_modalities":["text","audio","image"],"output_modalities":["text"]},\
            "providers":[\
            {"provider":"groq","status":"live","context_length":8192,\
            "pricing":{"input":0.0375,"output":10},\
            "supports_tools":true,"supports_structured_output":false,"is_model_author":false},\
            {"provider":"together","status":"error",\
            "pricing":{"input":0.000001,"output":1200},"is_model_author":false}]}\
            """);
  }

  @Test
  void whatIsNotKnownIsAbsent() throws Exception {
    assertThat(get("/v1/models/zz/second").body())
        .isEqualTo(
            """
            {"id":"zz/second","object":"model","created":1782864000,"owned_by":"zz",\
            "architecture":{"input_modalities":["text"],"output_modalities":["text"]},\
            "providers":[{"provider":"groq","status":"error","is_model_author":false}]}\
            """);
  }

  @Test
  void whatIsFreeSaysSo() throws Exception {
    assertThat(get("/v1/models/zz/third").body())
        .contains("\"status\":\"live\",\"pricing\":{\"input\":0,\"output\":0},\"is_free\":true,");
  }

  @Test
  void anAuthorIsKnown() throws Exception {
    assertThat(get("/v1/models/openai/own").body()).contains("\"is_model_author\":true");
  }

  @Test
  void whatWasMeasuredIsShown() throws Exception {
    HEALTH.succeeded(new OfferId("groq", "zz/third"), 149, 24.69124);
    assertThat(get("/v1/models/zz/third").body())
        .contains("\"first_token_latency_ms\":149,\"throughput\":24.69,");
  }

  @Test
  void theListHasEachModelOnceAndNoNulls() throws Exception {
    HttpResponse<String> list = get("/v1/models");
    assertThat(list.headers().firstValue("content-type")).hasValue("application/json");
    assertThat(list.body())
        .startsWith("{\"object\":\"list\",\"data\":[{\"id\":\"faregate/sandbox\"");
    assertThat(list.body()).doesNotContain("null").doesNotContain("zz/vectors");
    JsonNode data = Json.MAPPER.readTree(list.body()).path("data");
    assertThat(data.size()).isGreaterThan(300);
    assertThat(data.valueStream().map(model -> model.path("id").asString()).distinct())
        .hasSize(data.size());
  }

  @Test
  void theListOfTheLiveLeavesTheDeadOut() throws Exception {
    assertThat(live()).contains("zz/first", "zz/third").doesNotContain("zz/second", "openai/own");
    JsonNode data = Json.MAPPER.readTree(get("/v1/models?live=true").body()).path("data");
    assertThat(
            data.valueStream()
                .flatMap(model -> model.path("providers").valueStream())
                .map(provider -> provider.path("status").asString()))
        .containsOnly("live");
  }

  @Test
  void anOfferWhoseCallsFailIsInError() throws Exception {
    for (int i = 0; i < 5; i++) {
      HEALTH.failed(PRICED);
    }
    assertThat(get("/v1/models/zz/first").body()).doesNotContain("\"status\":\"live\"");
    assertThat(live()).doesNotContain("zz/first");
  }

  @Test
  void aReloadShowsAtOnce() throws Exception {
    assertThat(get("/v1/models").body()).contains("zz/first").doesNotContain("zz/fourth");
    ModelSettings fourth =
        new ModelSettings("zz/fourth", null, null, null, null, null, null, null, null, null);
    Files.writeString(folder.resolve("offers.csv"), "model,provider\nzz/fourth,groq\n");
    catalog.reload(
        new CatalogSettings(
            Map.of(),
            new OfferSettings(List.of(folder.resolve("offers.csv")), List.of(), List.of()),
            RoutingSettings.defaults()));
    assertThat(get("/v1/models").body()).contains(fourth.id()).doesNotContain("zz/first");
  }

  @Test
  void anUnknownModelIsAnErrorObject() throws Exception {
    for (String model : List.of("no/such", "zz/vectors", "zz/first:groq", "x")) {
      HttpResponse<String> answer = get("/v1/models/" + model);
      assertThat(answer.statusCode()).isEqualTo(404);
      assertThat(answer.body())
          .isEqualTo(
              "{\"error\":{\"message\":\"The model '"
                  + model
                  + "' does not exist here. GET /v1/models lists the models there are.\","
                  + "\"type\":\"invalid_request_error\",\"param\":\"model\","
                  + "\"code\":\"model_not_found\"}}");
    }
  }

  private static List<String> live() throws Exception {
    return Json.MAPPER
        .readTree(get("/v1/models?live=true").body())
        .path("data")
        .valueStream()
        .map(model -> model.path("id").asString())
        .toList();
  }

  private static HttpResponse<String> get(String path) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + server.port() + path);
    return client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
  }
}
