package faregate.prove;

import faregate.kit.Clock;
import faregate.kit.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// Makes calls, and writes down what it is told.
final class Client implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final int LEAVE_MILLIS = 5;
  private static final String COST = ": cost_nano_usd=";

  private final Clock clock;
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(CONNECT).build();

  Client(Clock clock) {
    this.clock = clock;
  }

  /// What was heard so far.
  private static final class Heard {
    private String call = "";
    private CallNote.End end = CallNote.End.BROKEN;
    private String code = "";
    private long cost = CallNote.UNTOLD;
    private long left;
    private long needed;
  }

  /// Makes one call and hears it out, or leaves as ordered.
  CallNote call(String url, int node, String token, int wallet, String tag, Order order)
      throws InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url + "/v1/chat/completions"))
            .header("Authorization", "Bearer " + token)
            .timeout(PATIENCE)
            .POST(HttpRequest.BodyPublishers.ofString(order.body(tag)))
            .build();
    long sent = clock.nanoTime();
    Heard heard = new Heard();
    try {
      if (order.leaveAfter() == Order.AT_ONCE) {
        leaveAtOnce(request);
        heard.end = CallNote.End.LEFT;
      } else {
        hear(http.send(request, HttpResponse.BodyHandlers.ofInputStream()), order, heard);
      }
    } catch (IOException _) {
      // Lost on the way: what was heard before counts.
    }
    return new CallNote(
        tag,
        wallet,
        node,
        sent,
        clock.nanoTime(),
        heard.call,
        heard.end,
        heard.code,
        heard.cost,
        heard.left,
        heard.needed,
        order.trouble());
  }

  private void leaveAtOnce(HttpRequest request) throws InterruptedException {
    CompletableFuture<HttpResponse<InputStream>> asked =
        http.sendAsync(request, HttpResponse.BodyHandlers.ofInputStream());
    try {
      asked.get(LEAVE_MILLIS, TimeUnit.MILLISECONDS).body().close();
    } catch (TimeoutException | ExecutionException | IOException _) {
      asked.cancel(true);
    }
  }

  private static void hear(HttpResponse<InputStream> answer, Order order, Heard heard)
      throws IOException {
    heard.call = answer.headers().firstValue("x-request-id").orElse("");
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8))) {
      if (answer.statusCode() != 200) {
        refused(answer.statusCode(), lines.readLine(), heard);
      } else if (order.stream()) {
        stream(lines, order.leaveAfter(), heard);
      } else {
        whole(lines.readLine(), heard);
      }
    }
  }

  private static void refused(
      int status, @org.jspecify.annotations.Nullable String line, Heard heard) {
    heard.end = status == 402 ? CallNote.End.OUT_OF_CREDIT : CallNote.End.REFUSED;
    JsonNode error = json(line).path("error");
    heard.code = error.path("code").asString("");
    heard.left = error.path("left_nano_usd").asLong(0);
    heard.needed = error.path("needed_nano_usd").asLong(CallNote.UNTOLD);
    cost(error, heard);
  }

  private static void whole(@org.jspecify.annotations.Nullable String line, Heard heard) {
    JsonNode answer = json(line);
    cost(answer.path("usage"), heard);
    heard.end = CallNote.End.ANSWERED;
  }

  private static void stream(BufferedReader lines, int leaveAfter, Heard heard) throws IOException {
    int chunks = 0;
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (leaveAfter != Order.STAY && chunks >= leaveAfter) {
        heard.end = CallNote.End.LEFT;
        return;
      }
      if (line.startsWith(COST)) {
        heard.cost = Long.parseLong(line.substring(COST.length()).strip());
      } else if (line.equals("data: [DONE]")) {
        heard.end = CallNote.End.ANSWERED;
      } else if (line.startsWith("data: {")) {
        chunks++;
        event(line, heard);
      }
    }
  }

  private static void event(String line, Heard heard) {
    if (line.contains("cost_nano_usd")) {
      JsonNode event = json(line.substring("data: ".length()));
      cost(event.path("usage"), heard);
      cost(event.path("error"), heard);
    }
    if (line.startsWith("data: {\"error\"")) {
      heard.code = json(line.substring("data: ".length())).at("/error/code").asString("");
      heard.end = CallNote.End.REFUSED;
    }
  }

  private static void cost(JsonNode of, Heard heard) {
    JsonNode cost = of.path("cost_nano_usd");
    if (cost.isIntegralNumber()) {
      heard.cost = cost.longValue();
    }
  }

  private static JsonNode json(@org.jspecify.annotations.Nullable String text) {
    try {
      return Json.MAPPER.readTree(text == null ? "null" : text);
    } catch (JacksonException _) {
      return Json.MAPPER.nullNode();
    }
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
