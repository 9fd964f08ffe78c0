package faregate.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;

import faregate.id.CallId;
import faregate.kit.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import tools.jackson.databind.JsonNode;

/// A client as users have them: plain HTTP, and a raw socket where it matters when it leaves.
final class Client {
  private final HttpClient http = HttpClient.newHttpClient();
  private final int port;
  private final String token;
  private final String model;

  /// @param model that it asks for
  Client(int port, String token, String model) {
    this.port = port;
    this.token = token;
    this.model = model;
  }

  /// The same client asking for another model.
  Client of(String other) {
    return new Client(port, token, other);
  }

  /// A chat body.
  ///
  /// @param more further fields, such as `"stream":true`
  String chat(String... more) {
    StringBuilder body = new StringBuilder("{\"model\":\"" + model + "\"");
    for (String field : more) {
      body.append(',').append(field);
    }
    return body.append(",\"messages\":[{\"role\":\"user\",\"content\":\"Tell me a story.\"}]}")
        .toString();
  }

  record Answer(HttpResponse<String> raw) {
    int status() {
      return raw.statusCode();
    }

    JsonNode json() {
      return Json.MAPPER.readTree(raw.body());
    }

    JsonNode error() {
      return json().path("error");
    }

    String header(String name) {
      return raw.headers().firstValue(name).orElse("");
    }

    CallId id() {
      return CallId.parse(header("x-request-id"));
    }

    /// The events of a stream, each without its blank line.
    List<String> events() {
      return List.of(raw.body().strip().split("\n\n"));
    }
  }

  Answer post(String body) throws Exception {
    return new Answer(http.send(request(body), HttpResponse.BodyHandlers.ofString()));
  }

  /// With further headers, each a name and a value.
  Answer post(String body, String... headers) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(request(body), (_, _) -> true).headers(headers).build();
    return new Answer(http.send(request, HttpResponse.BodyHandlers.ofString()));
  }

  CompletableFuture<Answer> postLater(String body) {
    return http.sendAsync(request(body), HttpResponse.BodyHandlers.ofString())
        .thenApply(Answer::new);
  }

  CompletableFuture<Answer> postLater(String body, String header, String value) {
    HttpRequest request =
        HttpRequest.newBuilder(request(body), (_, _) -> true).header(header, value).build();
    return http.sendAsync(request, HttpResponse.BodyHandlers.ofString()).thenApply(Answer::new);
  }

  private HttpRequest request(String body) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v1/chat/completions"))
        .header("authorization", "Bearer " + token)
        .header("content-type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString(body))
        .build();
  }

  /// Asks, reads so many events with output, and leaves.
  ///
  /// @return the call's id; what was read is in `read`
  CallId leaveAfter(String body, int events, List<String> read) throws IOException {
    byte[] bytes = body.getBytes(UTF_8);
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(20_000);
      OutputStream out = socket.getOutputStream();
      out.write(
          ("POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer "
                  + token
                  + "\r\ncontent-length: "
                  + bytes.length
                  + "\r\n\r\n")
              .getBytes(UTF_8));
      out.write(bytes);
      out.flush();
      BufferedReader in = new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
      String id = "";
      List<String> seen = new ArrayList<>();
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        if (line.startsWith("x-request-id: ")) {
          id = line.substring(14);
        }
        if (line.startsWith("data: ") && line.contains("\"content\":\"")) {
          seen.add(line);
        }
        if (!id.isEmpty() && seen.size() >= events) {
          break;
        }
      }
      socket.setSoLinger(true, 0);
      read.addAll(seen);
      return CallId.parse(id);
    }
  }
}
