package faregate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import faregate.kit.Json;
import faregate.kit.Secret;
import faregate.ledger.LedgerWatch;
import faregate.operator.Credential;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/// Whom a command asks: the server of its folder, and nobody who only has its port.
class AskingTest {
  private static final String LOOPBACK = "127.0.0.1";
  @TempDir private Path data;

  private Ran run(String line) {
    return Ran.of((line + " --data " + data).split(" ", -1));
  }

  private void leaveCredential(int port) throws IOException {
    new Credential("http://" + LOOPBACK + ":" + port, new Secret("of a dead server"), "")
        .write(data);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "404 | {\"error\":\"Cannot POST\"}",
        "200 | <html>",
        "200 | {}",
        "302 | ",
        "500 | no"
      })
  void whoeverElseHasThePortIsNotAsked(int status, String body) throws IOException {
    HttpServer other =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    other.createContext(
        "/",
        visit -> {
          byte[] bytes = (body == null ? "" : body).getBytes(StandardCharsets.UTF_8);
          visit.getResponseHeaders().add("location", "http://127.0.0.1:1/");
          visit.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
          try (OutputStream out = visit.getResponseBody()) {
            out.write(bytes);
          }
        });
    other.start();
    try {
      leaveCredential(other.getAddress().getPort());
      assertThat(run("user create ann").out()).isEqualTo("ann: free tier, $0.10 left.\n");
    } finally {
      other.stop(0);
    }
  }

  @Test
  void aSilentOneIsNotWaitedForLong() throws IOException {
    try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      leaveCredential(silent.getLocalPort());
      long begun = System.nanoTime();
      assertThat(run("user create ann").code()).isZero();
      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(10));
    }
    assertThat(run("user list").out()).contains("ann");
  }

  /// The lock decides: what another process has open is not opened twice.
  @Test
  void aFolderInUseIsLeftAlone() throws IOException {
    leaveCredential(1);
    try (Books _ =
        Books.open(new Folder(data), Config.defaults(), Footing.REAL, LedgerWatch.NONE)) {
      Ran ran = run("user list");
      assertThat(ran.err()).contains("in use by process", "does not answer on its operator API");
      assertThat(ran.code()).isEqualTo(1);
    }
  }

  @Test
  void theServerOfTheFolderIsAskedAndTellsItsStartAsJson() {
    Common common = new Common(data, null, true);
    Folder folder = common.folder();
    try (Serving serving = Serving.start(folder, common.config(folder), common, 0)) {
      List<String> first = welcome(serving);
      JsonNode told = Json.MAPPER.readTree(first.getFirst());
      assertThat(told.path("url").stringValue()).isEqualTo(serving.url());
      assertThat(told.path("token").stringValue()).matches("hf_\\w{34}");
      assertThat(told.path("user").stringValue()).isEqualTo("me");
      assertThat(told.path("left_usd").stringValue()).isEqualTo("0.10");
      assertThat(told.path("held_nano_usd").longValue()).isZero();
      assertThat(first.subList(1, first.size())).containsExactly("ready " + serving.url());
      assertThat(Json.MAPPER.readTree(welcome(serving).getFirst()).path("token").isNull()).isTrue();

      assertThat(run("user list").out()).contains("me", "free", "0.10", "0.00");
      assertThat(run("grant --user me --usd x").code()).isEqualTo(2);
      Ran elsewhere = run("user list --database postgresql://me:hush@127.0.0.1:1/other");
      assertThat(elsewhere.code()).isEqualTo(2);
      assertThat(elsewhere.err())
          .contains("uses the SQLite file", "names postgresql://127.0.0.1:1/other", "--data")
          .doesNotContain("hush");
    }
  }

  private static List<String> welcome(Serving serving) {
    StringWriter words = new StringWriter();
    new Welcome(serving, new PrintWriter(words, true)).print(true);
    return words.toString().lines().toList();
  }

  @Test
  void theSandboxIsListedWithoutAServerToo() {
    assertThat(run("models --live").out()).contains("faregate/sandbox");
  }

  @Test
  void creditThatSumsCannotTakeIsRefused() {
    run("user create ann");
    for (int i = 0; i < 2; i++) {
      Ran ran = run("grant --user ann --usd 9000000000");
      assertThat(ran.err())
          .startsWith("faregate: $9000000000 is more than this wallet can be given: $9007199.1");
      assertThat(ran.code()).isEqualTo(2);
    }
    assertThat(run("grant --user ann --usd 9000000").code()).isZero();
    assertThat(run("grant --user ann --usd 9000000").code()).isEqualTo(2);
    assertThat(run("usage").out()).contains("$9000000.10 left, $0.00 of it held");
    assertThat(run("audit").out()).startsWith("Clean.");
  }
}
