package faregate.hub;

import faregate.identity.NewToken;
import faregate.kit.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.JsonNode;

/// A client that hears events, on a connection of its own.
final class Listening implements AutoCloseable {
  private static final int PATIENCE_MILLIS = 10_000;
  private final HttpURLConnection connection;
  private final BufferedReader lines;

  private Listening(HttpURLConnection connection, InputStream events) {
    this.connection = connection;
    this.lines = new BufferedReader(new InputStreamReader(events, StandardCharsets.UTF_8));
  }

  /// @throws IOException when it is refused
  static Listening to(URI url, NewToken token) throws IOException {
    HttpURLConnection connection = (HttpURLConnection) url.toURL().openConnection();
    connection.setRequestProperty("Authorization", "Bearer " + token.secret().reveal());
    connection.setRequestProperty("Accept", "text/event-stream");
    connection.setReadTimeout(PATIENCE_MILLIS);
    return new Listening(connection, connection.getInputStream());
  }

  /// Waits for the next event.
  JsonNode next() throws IOException {
    String line = "";
    while (line != null && !line.startsWith("data: ")) {
      line = lines.readLine();
    }
    if (line == null) {
      throw new AssertionError("the stream is over");
    }
    return Json.MAPPER.readTree(line.substring("data: ".length()));
  }

  /// Whether nothing follows; waits until that is known.
  boolean isOver() throws IOException {
    return lines.lines().noneMatch(line -> line.startsWith("data"));
  }

  @Override
  public void close() {
    connection.disconnect();
  }
}
