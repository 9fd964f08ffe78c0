package faregate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import faregate.gateway.Client.Answer;
import faregate.gateway.RunningHouse.Guest;
import faregate.kit.Secret;
import java.nio.file.Path;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/// What is logged of calls that are served, refused, and failed in every way: never a prompt, a
/// token, or a provider's key, not even where a provider repeats them in its error. SECURITY 7.
class LogsTest {
  private static final CallSettings QUICK = new CallSettings(8, 1, 1_000, 2, 2, 1, 2, 1 << 20);
  private static final String OWN_KEY = "sk-marker-of-a-key-of-ones-own";
  private static final String PROMPT = "marker-of-a-prompt";
  @TempDir private Path folder;

  private final Logger ours = (Logger) LoggerFactory.getLogger("faregate");
  private final Lines lines = new Lines();

  /// Keeps every line as an operator would see it.
  private static final class Lines extends AppenderBase<ILoggingEvent> {
    private final Queue<String> seen = new ConcurrentLinkedQueue<>();

    @Override
    protected void append(ILoggingEvent event) {
      seen.add(
          event.getLoggerName()
              + " "
              + event.getFormattedMessage()
              + " "
              + event.getMDCPropertyMap()
              + " "
              + (event.getThrowableProxy() == null
                  ? ""
                  : ThrowableProxyUtil.asString(event.getThrowableProxy())));
    }
  }

  @BeforeEach
  void listen() {
    ours.setLevel(Level.TRACE);
    lines.setContext(ours.getLoggerContext());
    lines.start();
    rootLogger().addAppender(lines);
  }

  @AfterEach
  void stopListening() {
    rootLogger().detachAppender(lines);
    ours.setLevel(null);
  }

  private static Logger rootLogger() {
    return (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
  }

  @Test
  void noSecretAndNoPromptIsLogged() throws Exception {
    String token;
    try (RunningHouse house = new RunningHouse(folder.resolve("logs.db"), QUICK)) {
      Guest guest = house.guest("guest");
      token = guest.token();
      Client client = new Client(house.port(), token, "test/m0:one");
      assertThat(say(client, "").status()).isEqualTo(200);
      assertThat(say(client, ",\"stream\":true").status()).isEqualTo(200);
      assertThat(say(client, ",\"max_tokens\":16384").status()).isEqualTo(402);
      assertThat(say(client, ",\"n\":0").status()).isEqualTo(400);
      assertThat(client.post("{\"model\":\"test/m0\",\"messages\":[" + PROMPT).status())
          .isEqualTo(400);
      assertThat(say(new Client(house.port(), token + "x", "test/m0"), "").status()).isEqualTo(401);
      String error =
          "\"error\":{\"message\":\"%s %s\",\"type\":\"%s\"}"
              .formatted(PROMPT, RunningHouse.PROVIDER_KEY, PROMPT);
      int model = 1;
      for (int status : new int[] {400, 401, 404, 422, 429, 500}) {
        Client failing = client.of("test/m" + model++ + ":one");
        assertThat(say(failing, fault("\"status\":" + status + "," + error)).status())
            .isGreaterThanOrEqualTo(400);
      }
      for (String fault :
          new String[] {
            "\"reset\":true", "\"garbage\":0", "\"cut_after\":2", "\"error_event\":0"
          }) {
        say(client.of("test/m" + model++ + ":one"), ",\"stream\":true" + fault(fault));
      }
      house
          .providerKeys()
          .set(
              RunningHouse.done(house.identities().organizations().payer("guest")).account(),
              "one",
              new Secret(OWN_KEY));
      for (int status : new int[] {200, 401, 429}) {
        String repeated = "\"error\":{\"message\":\"bad key %s\"}".formatted(OWN_KEY);
        Answer answer =
            say(
                client.of("test/m" + model++ + ":one"),
                status == 200 ? "" : fault("\"status\":" + status + "," + repeated));
        assertThat(answer.raw().body()).doesNotContain(OWN_KEY);
      }
    }
    assertThat(lines.seen)
        .as("failed attempts are logged")
        .anyMatch(line -> line.contains("failed"));
    assertThat(lines.seen)
        .noneMatch(line -> line.contains(PROMPT))
        .noneMatch(line -> line.contains(RunningHouse.PROVIDER_KEY))
        .noneMatch(line -> line.contains(OWN_KEY))
        .noneMatch(line -> line.contains(token));
  }

  private static String fault(String fields) {
    return ",\"sandbox\":{" + fields + "}";
  }

  private static Answer say(Client client, String more) throws Exception {
    return client.post(
        client.chat().replace("Tell me a story.", PROMPT).replaceFirst("}$", more + "}"));
  }
}
