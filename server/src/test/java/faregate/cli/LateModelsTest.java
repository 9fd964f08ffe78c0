package faregate.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A provider that is started after the server.
class LateModelsTest {
  private static final byte[] MODELS =
      "{\"data\":[{\"id\":\"late-model\"}]}".getBytes(StandardCharsets.UTF_8);
  @TempDir private Path data;

  private String models() {
    return Ran.of("models", "--data", data.toString()).out();
  }

  @Test
  void isOfferedWithoutAReload() throws Exception {
    // Taken, so that nobody else gets the port meanwhile, and not listened on.
    SocketChannel taken = SocketChannel.open();
    taken.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    int port = taken.socket().getLocalPort();
    Files.writeString(
        data.resolve("faregate.yaml"),
        "providers:\n  late:\n    base_url: http://127.0.0.1:%d/v1\n".formatted(port));
    Common common = new Common(data, null, false);
    Folder folder = common.folder();
    try (Serving _ = Serving.start(folder, common.config(folder), common, 0)) {
      assertThat(models()).contains("faregate/sandbox").doesNotContain("late-model");
      taken.close();
      HttpServer provider =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
      provider.createContext(
          "/v1/models",
          exchange -> {
            exchange.sendResponseHeaders(200, MODELS.length);
            exchange.getResponseBody().write(MODELS);
            exchange.close();
          });
      provider.start();
      try {
        await()
            .atMost(Duration.ofSeconds(20))
            .untilAsserted(
                () -> assertThat(models()).contains("late-model").contains("faregate/sandbox"));
      } finally {
        provider.stop(0);
      }
    }
  }
}
