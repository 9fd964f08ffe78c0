package faregate.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// A short life of a server, from its first start to its end.
final class Rehearsal {
  private static final Pattern TOKEN = Pattern.compile("hf_\\w+");
  private static final int ROUNDS = 20;

  private final PrintWriter out;

  Rehearsal(PrintWriter out) {
    this.out = out;
  }

  void run() throws IOException {
    Path data = Files.createTempDirectory("faregate-rehearsal");
    try {
      Common common = new Common(data, null, false);
      Folder folder = common.folder();
      try (Serving serving = Serving.start(folder, common.config(folder), common, 0)) {
        play(serving, data);
      }
    } finally {
      delete(data);
    }
  }

  private void play(Serving serving, Path data) throws IOException {
    StringWriter words = new StringWriter();
    new Welcome(serving, new PrintWriter(words, true)).print(false);
    Matcher token = TOKEN.matcher(words.toString());
    String secret = token.find() ? token.group() : "";
    String chat =
        "{\"model\":\"faregate/sandbox-fast\",\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}],\"max_tokens\":32";
    for (int round = 0; round < ROUNDS; round++) {
      ask(serving, secret, "/v1/chat/completions", chat + "}");
      ask(serving, secret, "/v1/chat/completions", chat + ",\"stream\":true}");
    }
    for (String path :
        List.of(
            "/v1/models",
            "/api/whoami-v2",
            "/api/settings/billing/usage-v2",
            "/healthz",
            "/readyz",
            "/metrics")) {
      ask(serving, secret, path, null);
    }
    for (String command : List.of("token list", "user list", "usage", "audit")) {
      String[] asked = (command + " --data " + data).split(" ", -1);
      int code = Main.run(asked, System.out, System.err);
      out.println(command + ": " + code);
    }
  }

  private void ask(
      Serving serving, String token, String path, @org.jspecify.annotations.Nullable String body)
      throws IOException {
    HttpURLConnection connection =
        (HttpURLConnection) URI.create(serving.url() + path).toURL().openConnection();
    connection.setRequestProperty("Authorization", "Bearer " + token);
    if (body != null) {
      connection.setDoOutput(true);
      connection.setRequestProperty("Content-Type", "application/json");
      try (OutputStream request = connection.getOutputStream()) {
        request.write(body.getBytes(StandardCharsets.UTF_8));
      }
    }
    int status = connection.getResponseCode();
    try (InputStream answer =
        status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
      out.println(path + ": " + status + ", " + answer.readAllBytes().length + " bytes");
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
