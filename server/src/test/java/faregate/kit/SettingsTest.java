package faregate.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsTest {
  private static final Environment BARE = Environment.of(Map.of());

  enum Colour {
    RED,
    DARK_BLUE
  }

  /// A value with a factory, as money is.
  record Price(long cents) {
    public static Price ofText(String text) {
      if (!text.matches("\\d+\\.\\d\\d")) {
        throw new IllegalArgumentException("write a price such as 0.10");
      }
      return new Price(Long.parseLong(text.replace(".", "")));
    }
  }

  record Limits(long bodyBytesMax, Duration idle) {
    Limits {
      if (bodyBytesMax < 1) {
        throw new IllegalArgumentException("bodyBytesMax is at least 1");
      }
    }

    static Limits defaults() {
      return new Limits(1 << 20, Duration.ofSeconds(5));
    }
  }

  record Server(
      URI url,
      @Nullable Secret key,
      @JsonProperty("default") boolean open,
      @Nullable BigDecimal rent,
      Map<String, Price> prices) {}

  record House(
      String name,
      int floors,
      Colour colour,
      Limits limits,
      List<String> rooms,
      Map<String, Server> servers) {
    static House defaults() {
      return new House("old", 2, Colour.RED, Limits.defaults(), List.of(), Map.of());
    }
  }

  private static House read(String yaml) {
    return Settings.read(House.class, "house.yaml", yaml, BARE);
  }

  @Test
  void anEmptyDocumentIsTheDefaults() {
    assertThat(read("")).isEqualTo(House.defaults());
    assertThat(Settings.read(House.class, null, BARE)).isEqualTo(House.defaults());
  }

  @Test
  void everyKindOfValueIsRead() {
    House house =
        read(
            """
            name: new
            floors: 1_000
            colour: dark-blue
            limits:
              body_bytes_max: 16MiB
              idle: 250ms
            rooms: [hall, attic]
            servers:
              near:
                url: http://127.0.0.1:8000/v1
                key: "123"
                default: true
                rent: 0.60
                prices: {tea: 0.10}
            """);
    assertThat(house.floors()).isEqualTo(1000);
    assertThat(house.colour()).isEqualTo(Colour.DARK_BLUE);
    assertThat(house.limits()).isEqualTo(new Limits(16 << 20, Duration.ofMillis(250)));
    assertThat(house.rooms()).containsExactly("hall", "attic");
    Server near = Objects.requireNonNull(house.servers().get("near"));
    assertThat(near.url()).isEqualTo(URI.create("http://127.0.0.1:8000/v1"));
    assertThat(near.key()).isNotNull().extracting(Secret::reveal).isEqualTo("123");
    assertThat(near.open()).isTrue();
    assertThat(near.rent()).isEqualTo(new BigDecimal("0.60"));
    assertThat(near.prices()).containsExactly(Map.entry("tea", new Price(10)));
  }

  @Test
  void whatASectionDoesNotNameKeepsItsDefault() {
    assertThat(read("limits: {idle: 1m}").limits())
        .isEqualTo(new Limits(1 << 20, Duration.ofMinutes(1)));
  }

  @Test
  void theEnvironmentOverridesTheFile() {
    Environment environment =
        Environment.of(Map.of("FAREGATE_LIMITS_BODY_BYTES_MAX", "7", "FAREGATE_NAME", "env"));
    House house = Settings.read(House.class, "house.yaml", "name: file", environment);
    assertThat(house.name()).isEqualTo("env");
    assertThat(house.limits().bodyBytesMax()).isEqualTo(7);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "nam: x | house.yaml, line 1: 'nam' is not a known key. Did you mean 'name'? Known here:"
            + " name, floors, colour, limits, rooms, servers.",
        "\"limits:\n"
            + "  idel: 5s\" | house.yaml, line 2: 'limits.idel' is not a known key. Did you mean"
            + " 'idle'? Known here: body_bytes_max, idle.",
        "floors: many | house.yaml, line 1: 'floors' is 'many': write a whole number such as 5000"
            + " or 16MiB.",
        "colour: green | house.yaml, line 1: 'colour' is 'green': write one of red, dark-blue.",
        "\"name: a\n"
            + "name: b\" | house.yaml, line 2: 'name' stands here a second time; keep one of them.",
        "limits: 5 | house.yaml, line 1: 'limits' takes keys below it, not one value.",
        "rooms: hall | house.yaml, line 1: 'rooms' takes a list; write [a, b], or one item a line"
            + " after '- '.",
        "name: [a] | house.yaml, line 1: 'name' takes one value, not a list or keys below it.",
        "limits: {idle: 5} | house.yaml, line 1: 'limits.idle' is '5': write a duration with its"
            + " unit, such as 250ms, 5s, 2m, 1h or 30d.",
        "limits: {body_bytes_max: 0} | house.yaml, line 1: 'limits': bodyBytesMax is at least 1.",
        "\"servers:\n"
            + "  far:\n"
            + "    default: true\" | house.yaml, line 2: 'servers.far.url' is needed and has no"
            + " default; write it.",
        "\"servers:\n"
            + "  far: {url: http://x, default: yes, prices: {tea: 1}}\" | house.yaml, line 2:"
            + " 'servers.far.default' is 'yes': write true or false.",
        "servers: {far: {url: x, default: true, prices: {tea: cheap}}} | house.yaml, line 1:"
            + " 'servers.far.prices.tea' is 'cheap': write a price such as 0.10.",
      })
  void aBadLineIsNamedWithItsRemedy(String yaml, String message) {
    assertThatThrownBy(() -> read(yaml)).isInstanceOf(SettingsException.class).hasMessage(message);
  }

  @Test
  void whatIsNotYamlIsNamedWithItsLine() {
    assertThatThrownBy(() -> read("name: a\nlimits: [1\nrooms: {"))
        .isInstanceOf(SettingsException.class)
        .hasMessageStartingWith("house.yaml, line 3: this is not YAML: ");
  }

  @Test
  void aSecretIsNotShown() {
    assertThatThrownBy(() -> read("servers: {far: {url: x, default: true, key: ' '}}"))
        .hasMessage("house.yaml, line 1: 'servers.far.key': a secret must not be empty.");
  }

  @Test
  void aBadVariableIsNamed() {
    Environment environment = Environment.of(Map.of("FAREGATE_FLOORS", "x"));
    assertThatThrownBy(() -> Settings.read(House.class, "house.yaml", "", environment))
        .hasMessage(
            "The environment variable FAREGATE_FLOORS is 'x': write a whole number such as 5000 or"
                + " 16MiB.");
  }

  @Test
  void aMissingFileIsNamed() {
    assertThatThrownBy(() -> Settings.read(House.class, Path.of("/nowhere.yaml"), BARE))
        .hasMessage(
            "There is no configuration file /nowhere.yaml. Create it, or name another by"
                + " --config.");
  }

  @Test
  void allKeysAreListed() {
    assertThat(Settings.keys(House.class))
        .extracting(Settings.Key::path)
        .containsExactly(
            "name",
            "floors",
            "colour",
            "limits.body_bytes_max",
            "limits.idle",
            "rooms",
            "servers.*.url",
            "servers.*.key",
            "servers.*.default",
            "servers.*.rent",
            "servers.*.prices.*");
    assertThat(Settings.keys(House.class))
        .contains(new Settings.Key("limits.idle", "FAREGATE_LIMITS_IDLE"))
        .contains(new Settings.Key("servers.*.url", null));
  }
}
