package faregate.cli;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Who listens for ever does not hold up a stop.
class LiveStopTest {
  @TempDir private Path data;

  @Test
  void aStopEndsOpenStreamsAtOnce() throws Exception {
    Common common = new Common(data, null, false);
    Folder folder = common.folder();
    Config config = common.config(folder);
    Serving serving = Serving.start(folder, config, common, 0);
    try (HttpClient http = HttpClient.newHttpClient()) {
      assertThat(Ran.of("user", "create", "ann", "--data", data.toString()).code()).isZero();
      Ran made = Ran.of("token", "create", "--user", "ann", "--data", data.toString());
      BufferedReader lines = listen(http, serving.url(), made.out().strip());
      String event = lines.readLine();
      assertThat(Json.MAPPER.readTree(event.substring("data: ".length())).has("inference"))
          .isTrue();
      long began = System.nanoTime();
      serving.close();
      assertThat(Duration.ofNanos(System.nanoTime() - began))
          .as("of %s that answers in work would have", config.limits().drain())
          .isLessThan(Duration.ofSeconds(5))
          .isLessThan(config.limits().drain());
      assertThat(lines.lines()).as("ended in order, not cut").containsExactly("");
    }
  }

  private static BufferedReader listen(HttpClient http, String url, String token)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url + "/api/settings/billing/usage/live"))
            .header("Authorization", "Bearer " + token)
            .build();
    HttpResponse<InputStream> answer =
        http.send(request, HttpResponse.BodyHandlers.ofInputStream());
    assertThat(answer.statusCode()).isEqualTo(200);
    return new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8));
  }
}
