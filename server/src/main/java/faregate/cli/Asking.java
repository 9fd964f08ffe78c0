package faregate.cli;

import faregate.operator.Credential;
import faregate.operator.Operations;
import faregate.operator.Refusal;
import faregate.operator.Wire;
import faregate.store.DatabaseInUseException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.nio.file.Files;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// Asks an operation of whoever has the data folder: the server that runs there, over its operator
/// API; or this process, which opens the database itself while nobody serves.
///
/// A credential may have outlived its server, and anybody may have its port now. So the server must
/// first show within seconds that it knows the credential; else the lock of the database decides.
final class Asking {
  private static final int CONTACT_MILLIS_MAX = 2_000;
  private static final int ANSWER_MILLIS_MAX = 600_000;
  private static final int GREETING_BYTES_MAX = 1024;

  private Asking() {}

  /// @param mayBeFirst whether books may be made for it where there are none
  /// @throws Refusal when it cannot be done
  static JsonNode ask(Common common, String operation, JsonNode arguments, boolean mayBeFirst)
      throws IOException {
    Folder folder = common.whereabouts();
    if (Files.exists(folder.path())) {
      folder.prepare();
    }
    Config config = common.config(folder);
    Optional<Credential> server = Credential.read(folder.path());
    if (server.isPresent() && serves(server.get())) {
      if (common.namesDatabase()) {
        refuseAnother(server.get(), config.database().shown(), folder);
      }
      return remote(server.get(), operation, arguments);
    }
    if (!mayBeFirst) {
      refuseWithoutBooks(folder, config);
    }
    try (App app = App.offline(folder.prepare(), config, common)) {
      return app.operations().run(operation, arguments);
    } catch (DatabaseInUseException e) {
      throw Refusal.notPossible(
          e.getMessage()
              + ". It does not answer on its operator API; if it is just starting, try again.");
    }
  }

  /// New books are clean, and a copy of them is soon made: neither is what was asked for by
  /// somebody who looked into the wrong folder.
  private static void refuseWithoutBooks(Folder folder, Config config) {
    if (config.database().url() == null && !Files.exists(folder.database())) {
      throw Refusal.badInput(
          ("There is no database at %s, or none that this user may see, and no server runs there."
                  + " Name the data folder by --data, or the database by --database; a first start"
                  + " makes a new one.")
              .formatted(folder.database()));
    }
  }

  /// To ask that server would be to ask about other books.
  private static void refuseAnother(Credential server, String wanted, Folder folder) {
    if (!server.database().isEmpty() && !server.database().equals(wanted)) {
      throw Refusal.badInput(
          ("The server that runs on %s uses %s, and --database names %s. Leave --database out to"
                  + " ask that server, or name another data folder by --data.")
              .formatted(folder.path(), server.database(), wanted));
    }
  }

  private static boolean serves(Credential server) {
    try {
      HttpURLConnection connection =
          post(server, Operations.PING, Wire.tree(Map.of()), CONTACT_MILLIS_MAX);
      if (connection.getResponseCode() != 200) {
        return false;
      }
      try (InputStream in = connection.getInputStream()) {
        return Operations.isPong(Wire.read(in.readNBytes(GREETING_BYTES_MAX)));
      }
    } catch (IOException | IllegalArgumentException e) {
      return false;
    }
  }

  private static HttpURLConnection post(
      Credential server, String operation, JsonNode arguments, int answerMillisMax)
      throws IOException {
    HttpURLConnection connection =
        (HttpURLConnection)
            URI.create(server.url() + "/operator/v1/" + operation)
                .toURL()
                .openConnection(Proxy.NO_PROXY);
    connection.setConnectTimeout(CONTACT_MILLIS_MAX);
    connection.setReadTimeout(answerMillisMax);
    connection.setInstanceFollowRedirects(false);
    connection.setRequestMethod("POST");
    connection.setDoOutput(true);
    connection.setRequestProperty("Authorization", "Bearer " + server.secret().reveal());
    connection.setRequestProperty("Content-Type", "application/json");
    try (OutputStream out = connection.getOutputStream()) {
      out.write(Wire.bytes(arguments));
    }
    return connection;
  }

  private static JsonNode remote(Credential server, String operation, JsonNode arguments)
      throws IOException {
    HttpURLConnection connection = post(server, operation, arguments, ANSWER_MILLIS_MAX);
    int status = connection.getResponseCode();
    if (status == 200) {
      try (InputStream in = connection.getInputStream()) {
        return Wire.read(in.readAllBytes());
      }
    }
    throw refusal(status, connection);
  }

  private static Refusal refusal(int status, HttpURLConnection connection) throws IOException {
    String words = connection.getHeaderField("X-Error-Message");
    try (InputStream in =
        Objects.requireNonNullElse(connection.getErrorStream(), InputStream.nullInputStream())) {
      JsonNode body = Wire.read(in.readAllBytes());
      JsonNode error = body.path("error");
      words = error.isString() ? error.stringValue() : error.path("message").asString(words);
    }
    return switch (status) {
      case 400 -> Refusal.badInput(String.valueOf(words));
      case 404 ->
          Refusal.notPossible(
              "The server at "
                  + connection.getURL().getAuthority()
                  + " is not the one of this data folder.");
      default -> Refusal.notPossible(String.valueOf(words));
    };
  }
}
