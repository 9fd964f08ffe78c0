package faregate.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/// A simulated provider that speaks OpenAI's wire format, tells its callers apart by their keys,
/// and remembers them. Every answer is two tokens for five.
final class KeyedProvider implements AutoCloseable {
  private static final String USAGE =
      "\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":2,\"total_tokens\":7}";
  private final HttpServer server;
  private final Queue<String> keys = new ConcurrentLinkedQueue<>();
  private final Map<String, Integer> refusals = new ConcurrentHashMap<>();

  KeyedProvider() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/v1/chat/completions", this::chat);
    server.start();
  }

  String baseUrl() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/v1";
  }

  /// From now on it answers a key with this status.
  void refuse(String key, int status) {
    refusals.put(key, status);
  }

  /// The keys of all calls, in order.
  List<String> keys() {
    return List.copyOf(keys);
  }

  private void chat(HttpExchange exchange) throws IOException {
    String key =
        exchange.getRequestHeaders().getFirst("Authorization").replaceFirst("^Bearer ", "");
    keys.add(key);
    String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
    Integer refusal = refusals.get(key);
    if (refusal != null) {
      // Some repeat the key.
      answer(
          exchange,
          refusal,
          "application/json",
          "{\"error\":{\"message\":\"Incorrect API key provided: " + key + "\"}}");
    } else if (body.contains("\"stream\":true")) {
      answer(
          exchange,
          200,
          "text/event-stream",
          "data:"
              + " {\"id\":\"p1\",\"object\":\"chat.completion.chunk\",\"model\":\"k\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"Two"
              + " words\"}}]}\n\n"
              + "data:"
              + " {\"id\":\"p1\",\"object\":\"chat.completion.chunk\",\"model\":\"k\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
              + "data:"
              + " {\"id\":\"p1\",\"object\":\"chat.completion.chunk\",\"model\":\"k\",\"choices\":[],"
              + USAGE
              + "}\n\ndata: [DONE]\n\n");
    } else {
      answer(
          exchange,
          200,
          "application/json",
          "{\"id\":\"p1\",\"object\":\"chat.completion\",\"model\":\"k\",\"choices\":[{\"index\":0,"
              + "\"message\":{\"role\":\"assistant\",\"content\":\"Two words\"},"
              + "\"finish_reason\":\"stop\"}],"
              + USAGE
              + "}");
    }
  }

  private static void answer(HttpExchange exchange, int status, String type, String body)
      throws IOException {
    byte[] bytes = body.getBytes(UTF_8);
    exchange.getResponseHeaders().add("Content-Type", type);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
