package faregate.cli;

import faregate.kit.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/// Callers that call without a pause, each in its own way, until their server is gone; and what
/// they were told of each call's cost.
final class KillCallers implements AutoCloseable {
  private static final String SHORT = "\"sandbox\":{\"tokens\":20}";
  private static final String LONG = "\"sandbox\":{\"tokens\":800,\"chunk_ms\":8}";
  private static final String STREAM =
      "\"stream\":true,\"stream_options\":{\"include_usage\":true},";
  private static final List<String> WAYS =
      List.of(SHORT, SHORT, STREAM + SHORT, STREAM + SHORT, STREAM + LONG, STREAM + LONG);
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final HttpClient http = HttpClient.newHttpClient();
  private final ConcurrentLinkedQueue<Told> told = new ConcurrentLinkedQueue<>();
  private final List<Thread> threads = new ArrayList<>();

  /// A cost that a client was told.
  ///
  /// @param call its id
  /// @param cost in nano-USD
  record Told(String call, boolean stream, long cost) {}

  KillCallers(String url, String token) {
    URI chat = URI.create(url + "/v1/chat/completions");
    for (String way : WAYS) {
      HttpRequest request =
          HttpRequest.newBuilder(chat)
              .header("Authorization", "Bearer " + token)
              .POST(
                  HttpRequest.BodyPublishers.ofString(
                      "{\"model\":\"test/m\","
                          + way
                          + ",\"max_tokens\":1000,"
                          + "\"messages\":[{\"role\":\"user\",\"content\":\"Go on.\"}]}"))
              .build();
      threads.add(Thread.ofVirtual().start(() -> callUntilGone(request)));
    }
  }

  private void callUntilGone(HttpRequest request) {
    try {
      while (true) {
        HttpResponse<Stream<String>> answer =
            http.send(request, HttpResponse.BodyHandlers.ofLines());
        String call = answer.headers().firstValue("x-request-id").orElseThrow();
        try (Stream<String> lines = answer.body()) {
          lines.forEach(line -> hear(call, line));
        }
      }
    } catch (IOException | UncheckedIOException _) {
      // The server is gone.
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void hear(String call, String line) {
    boolean stream = line.startsWith("data: {");
    if (stream || line.startsWith("{")) {
      JsonNode cost =
          Json.MAPPER.readTree(stream ? line.substring(6) : line).at("/usage/cost_nano_usd");
      if (cost.isNumber()) {
        told.add(new Told(call, stream, cost.longValue()));
      }
    }
  }

  /// What they were told, once they have all seen that the server is gone.
  List<Told> told() throws InterruptedException {
    for (Thread thread : threads) {
      if (!thread.join(PATIENCE)) {
        throw new AssertionError("a caller did not notice that its server is gone");
      }
    }
    return List.copyOf(told);
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
