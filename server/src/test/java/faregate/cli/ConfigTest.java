package faregate.cli;

import static org.assertj.core.api.Assertions.assertThat;

import faregate.catalog.DefaultPolicy;
import faregate.catalog.ProviderSettings;
import faregate.identity.Tier;
import faregate.kit.Environment;
import faregate.kit.Settings;
import faregate.limit.RateRule;
import faregate.money.Nanos;
import faregate.reconcile.ReconcileSettings;
import faregate.store.NodeSettings;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// Every key is documented in README.md and set in `every-key.yaml`, where it is read back below.
class ConfigTest {
  private static final Environment BARE = Environment.of(Map.of());

  private static Path everyKey() throws URISyntaxException {
    return Path.of(Objects.requireNonNull(ConfigTest.class.getResource("every-key.yaml")).toURI());
  }

  @Test
  void everyKeyIsDocumented() throws IOException {
    String readme = Files.readString(Path.of("../README.md"));
    List<String> missing = new ArrayList<>();
    for (Settings.Key key : Settings.keys(Config.class)) {
      String shown = key.path().replace("*", "NAME");
      if (!readme.contains("| `" + shown + "` |")) {
        missing.add(shown);
      }
    }
    assertThat(missing).as("keys without a row in README.md").isEmpty();
  }

  @Test
  void everyDocumentedKeyExists() throws IOException {
    List<String> known =
        Settings.keys(Config.class).stream().map(key -> key.path().replace("*", "NAME")).toList();
    List<String> rows =
        Pattern.compile("^\\| `([a-z_]+\\.[a-zA-Z_.]+)` \\|", Pattern.MULTILINE)
            .matcher(Files.readString(Path.of("../README.md")))
            .results()
            .map(row -> row.group(1))
            .toList();
    assertThat(known).containsAll(rows);
  }

  @Test
  void everyKeyIsTested() throws IOException, URISyntaxException {
    String yaml = Files.readString(everyKey());
    List<String> missing = new ArrayList<>();
    for (Settings.Key key : Settings.keys(Config.class)) {
      String last = key.path().substring(key.path().lastIndexOf('.') + 1);
      if (!Pattern.compile("(?m)^\\s*(- )?" + last + ":").matcher(yaml).find()) {
        missing.add(key.path());
      }
    }
    assertThat(missing).as("keys that every-key.yaml does not set").isEmpty();
  }

  @Test
  void everyKeyIsRead() throws URISyntaxException {
    Config config = Config.read(everyKey(), BARE);
    assertThat(config.listen()).isEqualTo(new Config.Listen("0.0.0.0", 9090));
    assertThat(config.limits())
        .isEqualTo(
            new Config.Limits(
                1 << 20,
                Duration.ofSeconds(3),
                Duration.ofSeconds(4),
                Duration.ofSeconds(5),
                Duration.ofSeconds(6)));
    assertThat(config.log())
        .isEqualTo(
            new Config.Log(Config.LogLevel.DEBUG, Config.LogFormat.JSON, Path.of("server.log")));
    assertThat(config.tiers().settings().monthly(Tier.FREE)).isEqualTo(Nanos.ofUsd("0.20"));
    assertThat(config.tiers().settings().monthly(Tier.PRO)).isEqualTo(Nanos.ofUsd("3"));
    assertThat(config.tiers().settings().monthly(Tier.TEAM)).isEqualTo(Nanos.ofUsd("4"));
    assertThat(config.tiers().settings().monthly(Tier.ENTERPRISE)).isEqualTo(Nanos.ofUsd("5.50"));
    assertThat(config.calls().toString())
        .isEqualTo(
            "CallSettings[secondsMax=61, lineSecondsMax=1, connectMillisMax=1001,"
                + " headerSecondsMax=31, stallSecondsMax=32, keepAliveSeconds=9,"
                + " settleSecondsMax=11, answerBytesMax=2097152]");
    assertThat(config.offers().files()).containsExactly(Path.of("/etc/faregate/offers.csv"));
    assertThat(config.offers().disabled()).containsExactly("groq:openai/gpt-oss-20b");
    assertThat(config.offers().free()).containsExactly("local:qwen3:8b");
    assertThat(config.routing().policy()).isEqualTo(DefaultPolicy.CHEAPEST);
    assertThat(config.database().url()).isNotNull().extracting(Object::toString).isEqualTo("***");
    assertThat(config.database().user()).isEqualTo("gate");
    assertThat(config.database().password()).hasToString("***");
    assertThat(config.database().passwordFile()).isEqualTo(Path.of("/run/secrets/database"));
    assertThat(config.database().connectionsMax()).isEqualTo(12);
    assertThat(config.database().distributed()).isTrue();
    assertThat(config.nodes())
        .isEqualTo(
            new NodeSettings(
                Duration.ofMillis(500), Duration.ofSeconds(8), Duration.ofSeconds(12)));
    ProviderSettings local = Objects.requireNonNull(config.providers().get("local"));
    assertThat(local.baseUrl()).isEqualTo("http://127.0.0.1:11434/v1");
    assertThat(local.key()).isNotNull().extracting(Object::toString).isEqualTo("***");
    assertThat(local.billingUrl()).isEqualTo("/billing");
    assertThat(local.billingAdjusts()).isFalse();
    assertThat(local.billingDelay()).isEqualTo(Duration.ofSeconds(90));
    assertThat(config.reconcile())
        .isEqualTo(new ReconcileSettings(Duration.ofSeconds(30), Duration.ofHours(24)));
    assertThat(config.rateLimits()).containsExactly(new RateRule("groq", "pro", 100));
    assertThat(local.models()).hasSize(1);
    assertThat(local.models().getFirst().maxOutputTokens()).isEqualTo(4096);
  }

  @Test
  void theEnvironmentOverridesScalars() {
    Config config =
        Config.read(
            null,
            Environment.of(Map.of("FAREGATE_LISTEN_PORT", "7070", "FAREGATE_TIERS_FREE_USD", "1")));
    assertThat(config.listen().port()).isEqualTo(7070);
    assertThat(config.tiers().settings().monthly(Tier.FREE)).isEqualTo(Nanos.ofUsd("1"));
  }

  @Test
  void nothingSaidIsTheDefaults() {
    assertThat(Config.read(null, BARE)).isEqualTo(Config.defaults());
  }
}
