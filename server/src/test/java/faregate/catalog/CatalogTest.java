package faregate.catalog;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import faregate.catalog.CatalogSettings.OfferSettings;
import faregate.catalog.CatalogSettings.RoutingSettings;
import faregate.catalog.Offer.State;
import faregate.id.OfferId;
import faregate.kit.Environment;
import faregate.kit.Settings;
import faregate.kit.SettingsException;
import faregate.tariff.Meter;
import faregate.tariff.Tariff;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// From settings as an operator writes them to the snapshot that follows.
class CatalogTest {
  private static final Environment NO_KEYS = Environment.of(Map.of());
  private static final String HEADING =
      "model,provider,provider_model,input_usd_per_mtok,output_usd_per_mtok,tools,status,free\n";

  @TempDir Path folder;

  /// The configuration's sections that the catalogue reads.
  record Config(
      Map<String, ProviderSettings> providers, OfferSettings offers, RoutingSettings routing) {
    CatalogSettings settings() {
      return new CatalogSettings(providers, offers, routing);
    }
  }

  private static CatalogSettings settings(String yaml) {
    return Settings.read(Config.class, "faregate.yaml", yaml, NO_KEYS).settings();
  }

  private static Snapshot snapshot(String yaml) {
    return snapshot(yaml, NO_KEYS);
  }

  private static Snapshot snapshot(String yaml, Environment environment) {
    Catalog catalog = new Catalog(environment, Discoverer.none());
    catalog.reload(settings(yaml));
    return catalog.current();
  }

  private static Provider provider(Snapshot snapshot, String slug) {
    return requireNonNull(snapshot.provider(slug));
  }

  private static Offer offer(Snapshot snapshot, String provider, String providerModel) {
    return requireNonNull(snapshot.offer(new OfferId(provider, providerModel)));
  }

  @Test
  void aBuiltInProviderTakesTheOperatorsWord() throws IOException {
    Path authorities = write("authorities");
    Snapshot snapshot =
        snapshot(
            """
            providers:
              groq:
                base_url: https://mirror.example/openai/v1/
                key: gsk-secret
                ca_file: %s
                private: true
                bills_on_cancel: false
                output_limit_field: max_tokens
            """
                .formatted(authorities));
    Provider groq = provider(snapshot, "groq");
    assertThat(groq.baseUrl()).isEqualTo("https://mirror.example/openai/v1");
    assertThat(groq.chatPath()).isEqualTo("/chat/completions");
    assertThat(requireNonNull(groq.key()).reveal()).isEqualTo("gsk-secret");
    assertThat(groq.toString()).doesNotContain("gsk-secret");
    assertThat(groq.caFile()).isEqualTo(authorities);
    assertThat(groq.privateNetwork()).isTrue();
    assertThat(groq.billsOnCancel()).isFalse();
    assertThat(groq.outputLimitField()).isEqualTo("max_tokens");
    assertThat(groq.authPrefix()).isEqualTo("Bearer ");
    assertThat(offer(snapshot, "groq", "openai/gpt-oss-120b").isLive()).isTrue();
  }

  @Test
  void aNewProviderNeedsABaseUrlAndNothingElse() {
    Snapshot snapshot =
        snapshot(
            """
            providers:
              ollama:
                base_url: http://127.0.0.1:11434/v1
                free: true
                models:
                  - id: llama3.2:3b
                  - id: Qwen/Qwen3-8B
                    provider_model: qwen3:8b
                    context_tokens: 32768
                    tools: true
            """);
    Offer llama = snapshot.offers("ollama/llama3.2:3b").getFirst();
    assertThat(llama.id()).isEqualTo(new OfferId("ollama", "llama3.2:3b"));
    assertThat(llama.isLive()).isTrue();
    assertThat(requireNonNull(llama.tariff()).isFree()).isTrue();
    Offer qwen = offer(snapshot, "ollama", "qwen3:8b");
    assertThat(qwen.model()).isEqualTo("Qwen/Qwen3-8B");
    assertThat(qwen.contextTokens()).isEqualTo(32_768);
    assertThat(qwen.tools()).isTrue();
    assertThat(qwen.structuredOutput()).isNull();
  }

  @Test
  void aProviderWithAVariableOfItsOwnNeedsIt() {
    String yaml =
        """
        providers:
          lab:
            base_url: https://lab.example/v1
            key_variable: LAB_KEY
            header: X-Api-Key
            models: [{id: a/b, input_usd_per_mtok: 0.1, output_usd_per_mtok: 0.2}]
        """;
    assertThat(offer(snapshot(yaml), "lab", "a/b").state()).isEqualTo(State.NO_KEY);
    Snapshot keyed = snapshot(yaml, Environment.of(Map.of("LAB_KEY", " k ")));
    assertThat(offer(keyed, "lab", "a/b").isLive()).isTrue();
    assertThat(requireNonNull(provider(keyed, "lab").key()).reveal()).isEqualTo("k");
    assertThat(provider(keyed, "lab").authHeader()).isEqualTo("X-Api-Key");
    assertThat(provider(keyed, "lab").authPrefix()).isEmpty();
    Tariff tariff = requireNonNull(offer(keyed, "lab", "a/b").tariff());
    assertThat(tariff.price(Meter.INPUT_TOKEN)).isEqualTo(100_000);
    assertThat(tariff.price(Meter.OUTPUT_TOKEN)).isEqualTo(200_000);
  }

  @Test
  void theOperatorsPriceReplacesTheBuiltInOne() {
    Snapshot snapshot =
        snapshot(
            """
            providers:
              groq:
                models:
                  - {id: openai/gpt-oss-120b, input_usd_per_mtok: 7, output_usd_per_mtok: 8}
            """);
    List<Offer> atGroq =
        snapshot.offers("openai/gpt-oss-120b").stream()
            .filter(offer -> offer.provider().equals("groq"))
            .toList();
    assertThat(atGroq).hasSize(1);
    assertThat(requireNonNull(atGroq.getFirst().tariff()).price(Meter.OUTPUT_TOKEN))
        .isEqualTo(8_000_000);
  }

  @Test
  void offersAreSwitchedOffOrFreed() {
    Snapshot snapshot =
        snapshot(
            """
            offers:
              disabled: [groq:openai/gpt-oss-120b]
              free: [sandbox:faregate/sandbox]
            providers:
              together: {enabled: false, key: k}
              groq: {key: k}
            routing: {default: cheapest}
            """);
    assertThat(offer(snapshot, "groq", "openai/gpt-oss-120b").state()).isEqualTo(State.DISABLED);
    assertThat(offer(snapshot, "groq", "openai/gpt-oss-20b").isLive()).isTrue();
    assertThat(offer(snapshot, "together", "openai/gpt-oss-120b").state())
        .isEqualTo(State.DISABLED);
    Tariff free = requireNonNull(offer(snapshot, "sandbox", "faregate/sandbox").tariff());
    assertThat(free.isFree()).isTrue();
    assertThat(free.price(Meter.OUTPUT_TOKEN)).isZero();
    assertThat(snapshot.defaultPolicy()).isEqualTo(DefaultPolicy.CHEAPEST);
  }

  @Test
  void offersComeFromFilesInAnyOrderOfColumns() throws IOException {
    Path file =
        write(
            """
            provider,model,output_usd_per_mtok,input_usd_per_mtok,free
            groq,my/model,0.4,0.2,
            groq,"my/other",,,true

            groq,my/unpriced,,,
            groq,my/nothing,0,0,
            """);
    Snapshot snapshot = snapshot("offers: {files: [" + file + "]}\nproviders: {groq: {key: k}}");
    Tariff tariff = requireNonNull(offer(snapshot, "groq", "my/model").tariff());
    assertThat(tariff.price(Meter.INPUT_TOKEN)).isEqualTo(200_000);
    assertThat(requireNonNull(offer(snapshot, "groq", "my/other").tariff()).isFree()).isTrue();
    assertThat(offer(snapshot, "groq", "my/unpriced").tariff()).isNull();
    assertThat(offer(snapshot, "groq", "my/nothing").tariff()).isNull();
    assertThat(offer(snapshot, "groq", "my/nothing").isLive()).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a/b,groq,,x,1,,,|, line 2, column input_usd_per_mtok is 'x': write USD per million tokens,"
            + " such as 0.15.",
        "a/b,groq,,0.0000001,1,,,|, line 2, column input_usd_per_mtok is '0.0000001': this is no"
            + " whole number of pico-USD per token; write at most six decimal places.",
        "a/b,groq,,1,-1,,,|, line 2, column output_usd_per_mtok is '-1': a price cannot be"
            + " negative.",
        "ab,groq,,1,1,,,|, line 2, column model is 'ab': write it as {org}/{name}.",
        ",groq,,1,1,,,|, line 2, column model is '': this must not be empty.",
        "a/b,,,1,1,,,|, line 2, column provider is '': this must not be empty.",
        "a/b,groq,,1,1,yes,,|, line 2, column tools is 'yes': write true or false, or nothing.",
        "a/b,groq,,1,1,,old,|, line 2, column status is 'old': write beta, deprecated or nothing.",
        "a/b,groq,1,1|, line 2 has 4 fields where the heading has 8; check its commas and quotes.",
        "a/b,nobody,,1,1,,,|The offer nobody:a/b names a provider that is not known. Give"
            + " providers.nobody.base_url.",
      })
  void aBadLineIsNamedWithItsRemedy(String line, String message) throws IOException {
    Path file = write(HEADING + line + "\n");
    String named = message.startsWith(",") ? file + message : message;
    assertThatThrownBy(() -> snapshot("offers: {files: [" + file + "]}"))
        .isInstanceOf(SettingsException.class)
        .hasMessage(named);
  }

  @Test
  void aBadFileIsNamedWithItsRemedy() throws IOException {
    Path twice = write("model,provider\na/b,groq\na/b,groq\n");
    assertThatThrownBy(() -> snapshot("offers: {files: [" + twice + "]}"))
        .hasMessage(
            twice + ", line 3: the offer groq:a/b stands in line 2 already; remove one of them.");
    Path column = write("model,provider,price\na/b,groq,1\n");
    assertThatThrownBy(() -> snapshot("offers: {files: [" + column + "]}"))
        .hasMessageStartingWith(
            column + ", line 1: the column 'price' is not known. The columns are ");
    Path missing = write("model\na/b\n");
    assertThatThrownBy(() -> snapshot("offers: {files: [" + missing + "]}"))
        .hasMessage(missing + ", line 1: the column 'provider' is missing.");
    Path empty = write("");
    assertThatThrownBy(() -> snapshot("offers: {files: [" + empty + "]}"))
        .hasMessage(empty + " is empty; its first line must name the columns.");
    assertThatThrownBy(() -> snapshot("offers: {files: [/no/such.csv]}"))
        .hasMessage(
            "/no/such.csv, a file of offers, cannot be read (/no/such.csv). Correct offers.files.");
  }

  @Test
  void aBadSettingIsNamedWithItsRemedy() {
    assertThatThrownBy(() -> snapshot("providers: {nobody: {key: k}}"))
        .hasMessage(
            "providers.nobody: this provider is not built in, so it needs a base_url, such as"
                + " http://127.0.0.1:11434/v1.");
    assertThatThrownBy(() -> snapshot("providers: {'My Lab': {base_url: 'http://lab/v1'}}"))
        .hasMessageContaining("lower-case letters, digits and hyphens only");
    assertThatThrownBy(() -> snapshot("providers: {groq: {base_url: 'http://h/v1?x=1'}}"))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining(
            "faregate.yaml, line 1: 'providers.groq': base_url 'http://h/v1?x=1'");
    assertThatThrownBy(() -> snapshot("providers: {groq: {chat_path: chat}}"))
        .hasMessageContaining("chat_path 'chat' must begin with a slash");
    assertThatThrownBy(() -> snapshot("providers: {groq: {output_limit_field: limit}}"))
        .hasMessageContaining("'limit' is neither max_tokens nor max_completion_tokens");
    assertThatThrownBy(
            () -> snapshot("providers: {groq: {models: [{id: a/b, input_usd_per_mtok: 1e-9}]}}"))
        .hasMessageContaining("input_usd_per_mtok")
        .hasMessageContaining("at most six decimal places");
    assertThatThrownBy(() -> snapshot("providers: {groq: {models: [{id: a/b}, {id: a/b}]}}"))
        .hasMessage("The offer groq:a/b is configured twice; remove one of them.");
    assertThatThrownBy(() -> snapshot("providers: {groq: {ca_file: /no/ca.pem}}"))
        .hasMessage(
            "providers.groq.ca_file: '/no/ca.pem' cannot be read; name a PEM file of certificate"
                + " authorities.");
    assertThatThrownBy(() -> snapshot("offers: {disabled: ['groq:no/such']}"))
        .hasMessage(
            "offers.disabled: there is no offer 'groq:no/such'. Write {provider}:{model}, such as"
                + " groq:openai/gpt-oss-120b.");
    assertThatThrownBy(() -> snapshot("routing: {default: dearest}"))
        .hasMessageContaining("write one of fastest, cheapest, preferred");
  }

  @Test
  void aReloadThatFailsKeepsTheSnapshot() {
    Catalog catalog = new Catalog(NO_KEYS, Discoverer.none());
    catalog.reload(settings("providers: {groq: {key: k}}"));
    Snapshot before = catalog.current();
    assertThatThrownBy(() -> catalog.reload(settings("offers: {files: [/no/such.csv]}")))
        .isInstanceOf(SettingsException.class);
    assertThat(catalog.current()).isSameAs(before);
  }

  @Test
  void aReloadReplacesTheSnapshotAndTellsTheListeners() throws IOException {
    Path file = write(HEADING + "a/b,groq,,1,2,,,\n");
    CatalogSettings settings = settings("offers: {files: [" + file + "]}");
    List<Snapshot> told = new ArrayList<>();
    Catalog catalog = new Catalog(NO_KEYS, Discoverer.none());
    catalog.onChange(told::add);
    catalog.reload(settings);
    Snapshot first = catalog.current();
    Files.writeString(file, HEADING + "a/b,groq,,1,3,,,\n");
    catalog.reload(settings);
    assertThat(told).containsExactly(first, catalog.current());
    assertThat(requireNonNull(offer(first, "groq", "a/b").tariff()).version())
        .isEqualTo("1000000/0/2000000");
    assertThat(requireNonNull(offer(catalog.current(), "groq", "a/b").tariff()).version())
        .isEqualTo("1000000/0/3000000");
  }

  @Test
  void whatAProviderTellsOfItselfIsOffered() {
    List<String> asked = new ArrayList<>();
    List<Map<String, List<String>>> answers = new ArrayList<>();
    answers.add(Map.of("lab", List.of("own", "x/y", "/srv/m.gguf"), "groq", List.of("g/new")));
    answers.add(Map.of());
    Catalog catalog =
        new Catalog(
            NO_KEYS,
            providers -> {
              providers.forEach(provider -> asked.add(provider.slug()));
              return answers.removeFirst();
            });
    CatalogSettings settings =
        settings(
            """
            providers:
              lab: {base_url: 'http://127.0.0.1:1/v1', free: true}
              groq: {key: k, discover: true}
              together: {key: k}
              paid: {base_url: 'http://127.0.0.1:2/v1', models: [{id: a/b}]}
              off: {base_url: 'http://127.0.0.1:3/v1', enabled: false}
              keyless: {base_url: 'http://127.0.0.1:4/v1', key_variable: NO_SUCH}
            """);
    catalog.reload(settings);
    assertThat(asked).containsExactlyInAnyOrder("lab", "groq");
    assertThat(catalog.current().offers("lab/own").getFirst().isLive()).isTrue();
    assertThat(catalog.current().offers("lab/srv/m.gguf").getFirst().id().providerModel())
        .isEqualTo("/srv/m.gguf");
    assertThat(requireNonNull(offer(catalog.current(), "lab", "x/y").tariff()).isFree()).isTrue();
    assertThat(offer(catalog.current(), "groq", "g/new").tariff()).isNull();
    assertThat(offer(catalog.current(), "groq", "openai/gpt-oss-120b").tariff()).isNotNull();
    // The second time nobody answers: what was known stays.
    catalog.reload(settings);
    assertThat(catalog.current().offers("lab/own")).hasSize(1);
  }

  /// Such as a model of Ollama, while it is away and after the model was removed.
  @Test
  void whatIsSaidOfAModelThatAProviderTellsHoldsAlsoWhileItDoesNotTellIt() {
    CatalogSettings settings =
        settings(
            """
            providers:
              lab: {base_url: 'http://127.0.0.1:1/v1'}
            offers: {free: ['lab:own'], disabled: ['lab:lab/other']}
            """);
    List<Map<String, List<String>>> answers = new ArrayList<>();
    answers.add(Map.of());
    answers.add(Map.of("lab", List.of("own", "other", "third")));
    answers.add(Map.of("lab", List.of("third")));
    answers.add(Map.of());
    Catalog catalog = new Catalog(NO_KEYS, _ -> answers.removeFirst());

    catalog.reload(settings);
    assertThat(catalog.current().provider("lab")).isNotNull();
    catalog.reload(settings);
    assertThat(requireNonNull(offer(catalog.current(), "lab", "own").tariff()).isFree()).isTrue();
    assertThat(offer(catalog.current(), "lab", "other").isLive()).isFalse();
    assertThat(offer(catalog.current(), "lab", "third").tariff()).isNull();
    catalog.reload(settings);
    assertThat(catalog.current().offer(new OfferId("lab", "own"))).isNull();

    assertThatThrownBy(
            () ->
                catalog.reload(
                    settings(
                        """
                        providers:
                          lab: {base_url: 'http://127.0.0.1:1/v1', models: [{id: a/b}]}
                        offers: {free: ['lab:own']}
                        """)))
        .as("it is not asked, so nothing may come")
        .hasMessageContaining("offers.free: there is no offer 'lab:own'");
  }

  private Path write(String text) throws IOException {
    return Files.writeString(Files.createTempFile(folder, "offers", ".csv"), text);
  }
}
