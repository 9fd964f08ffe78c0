package faregate.dialect;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import faregate.kit.Json;
import faregate.tariff.Meter;
import faregate.tariff.Quantities;
import faregate.tariff.Tariff;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.JsonNode;

/// What each provider reports, what that is by meter, and what it costs. The quantities were set
/// down by hand; amounts and workings were calculated from them by a script that shares no code
/// with this. They are no recordings of answers of ours. Held against documents or answers that
/// others published were Groq, MiniMax, Perplexity and xAI; the rest follow what is known of the
/// providers' interfaces, and of Baseten, Chutes, Clarifai, Cloudflare, DeepInfra, Friendli,
/// Inference.net, Moonshot, NVIDIA, OVHcloud, PublicAI and SiliconFlow it is assumed that they keep
/// to OpenAI's shape, or to the field that their like have.
class UsageVectorsTest {
  private static final String FILE = "/faregate/dialect/usage-vectors.jsonl";
  private static final String PROVIDERS = "/catalog/providers.csv";
  private static final Tariff ALL =
      new Tariff(
          Map.ofEntries(
              Map.entry(Meter.INPUT_TOKEN, 1_000_000L),
              Map.entry(Meter.CACHED_INPUT_TOKEN, 100_000L),
              Map.entry(Meter.CACHE_WRITE_TOKEN, 1_250_000L),
              Map.entry(Meter.CACHE_WRITE_HOUR_TOKEN, 2_000_000L),
              Map.entry(Meter.OUTPUT_TOKEN, 10_000_000L),
              Map.entry(Meter.REASONING_TOKEN, 12_000_000L),
              Map.entry(Meter.AUDIO_INPUT_TOKEN, 4_000_000L),
              Map.entry(Meter.AUDIO_OUTPUT_TOKEN, 20_000_000L),
              Map.entry(Meter.IMAGE_INPUT_TOKEN, 3_000_000L),
              Map.entry(Meter.IMAGE_OUTPUT_TOKEN, 40_000_000L),
              Map.entry(Meter.IMAGE, 40_000_000_000L),
              Map.entry(Meter.INPUT_IMAGE, 1_000_000_000L),
              Map.entry(Meter.AUDIO_MILLISECOND, 100_000L),
              Map.entry(Meter.COMPUTE_MILLISECOND, 120_000L),
              Map.entry(Meter.CHARACTER, 15_000_000L),
              Map.entry(Meter.BILLED_MILLIUNIT, 10_000_000L),
              Map.entry(Meter.SEARCH, 5_000_000_000L)),
          false,
          "all");
  private static final Tariff PLAIN = Tariff.tokens(37_500, 150_001, "plain");
  private static final Tariff TIERED =
      new Tariff(
          Map.of(
              Meter.INPUT_TOKEN, 1_250_000L,
              Meter.CACHED_INPUT_TOKEN, 125_000L,
              Meter.OUTPUT_TOKEN, 10_000_000L),
          List.of(
              new Tariff.Step(
                  200_000,
                  Map.of(
                      Meter.INPUT_TOKEN, 2_500_000L,
                      Meter.CACHED_INPUT_TOKEN, 250_000L,
                      Meter.OUTPUT_TOKEN, 15_000_000L))),
          false,
          "tiered");

  /// @param usage as it came, byte by byte
  record Case(String name, String usage, JsonNode expected) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Case> cases() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(UsageVectorsTest.class.getResourceAsStream(FILE))) {
      return new String(in.readAllBytes(), UTF_8).lines().map(UsageVectorsTest::parse);
    }
  }

  private static Case parse(String line) {
    int start = line.indexOf("\"usage\":") + "\"usage\":".length();
    int end = line.indexOf(",\"quantities\":");
    JsonNode rest = Json.MAPPER.readTree(line.substring(0, start) + "null" + line.substring(end));
    String name = rest.path("family").stringValue() + ": " + rest.path("case").stringValue();
    return new Case(name, line.substring(start, end), rest);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void costsWhatTheWorkingSays(Case each) {
    JsonNode expected = each.expected();
    UsageShape shape = UsageShape.valueOf(expected.path("shape").stringValue());
    @Nullable Quantities read = read(each.usage(), shape);
    if (expected.path("quantities").isEmpty()) {
      assertThat(read).isNull();
      return;
    }
    Quantities quantities = Quantities.NONE;
    for (Map.Entry<String, JsonNode> one : expected.path("quantities").properties()) {
      quantities = quantities.with(Meter.valueOf(one.getKey()), one.getValue().longValue());
    }
    assertThat(read).isEqualTo(quantities);
    long nanos = tariff(expected).charge(quantities).value();
    assertThat(nanos).isEqualTo(expected.path("nanos").longValue());
    assertThat(worked(expected.path("working").stringValue())).isEqualTo(BigInteger.valueOf(nanos));
  }

  @Test
  void thereAreEnoughOfThem() throws IOException {
    Map<UsageShape, Integer> counts = new EnumMap<>(UsageShape.class);
    cases()
        .forEach(
            each ->
                counts.merge(
                    UsageShape.valueOf(each.expected().path("shape").stringValue()),
                    1,
                    Integer::sum));
    assertThat(counts.values().stream().mapToInt(Integer::intValue).sum()).isGreaterThan(80);
    assertThat(counts)
        .hasSize(UsageShape.values().length)
        .allSatisfy((_, n) -> assertThat(n).isGreaterThan(2));
  }

  /// A family of vectors is named as its provider is in the catalogue.
  @Test
  void eachProviderHasOneForChat() throws IOException {
    Set<String> families =
        cases()
            .map(Case::expected)
            .filter(each -> each.path("shape").stringValue().equals("CHAT"))
            .map(each -> each.path("family").stringValue())
            .collect(Collectors.toSet());
    try (InputStream in =
        Objects.requireNonNull(UsageVectorsTest.class.getResourceAsStream(PROVIDERS))) {
      List<String> slugs =
          new String(in.readAllBytes(), UTF_8)
              .lines()
              .skip(1)
              .map(line -> line.substring(0, line.indexOf(',')))
              .toList();
      assertThat(slugs).hasSizeGreaterThan(30);
      assertThat(families).containsAll(slugs);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "x-compute-time, 10, 10000, 0",
    "x-compute-time, 0.0851, 86, 0",
    "x-compute-time, -1, 0, 0",
    "x-compute-time, 1e400000000, 0, 0",
    "x-compute-time, soon, 0, 0",
    "x-fal-billable-units, 1.5, 0, 1500",
  })
  void readsHeaders(String name, String value, long computeMillis, long milliunits) {
    Quantities read = UsageHeaders.read(header -> header.equals(name) ? value : null);
    Quantities none = read == null ? Quantities.NONE : read;
    assertThat(none.of(Meter.COMPUTE_MILLISECOND)).isEqualTo(computeMillis);
    assertThat(none.of(Meter.BILLED_MILLIUNIT)).isEqualTo(milliunits);
  }

  /// The contract's own example: 10 s at $0.00012 are $0.0012.
  @Test
  void pricesComputeSeconds() {
    Quantities tenSeconds =
        Objects.requireNonNull(
            UsageHeaders.read(header -> header.equals("x-compute-time") ? "10" : null));
    assertThat(ALL.charge(tenSeconds).usd()).isEqualTo("0.0012");
  }

  private static @Nullable Quantities read(String usage, UsageShape shape) {
    byte[] bytes = usage.getBytes(UTF_8);
    try (JsonParser parser = Scan.of(bytes, 0, bytes.length)) {
      parser.nextToken();
      return Usage.read(parser, shape).quantities();
    }
  }

  private static Tariff tariff(JsonNode expected) {
    return switch (expected.path("tariff").stringValue()) {
      case "all" -> ALL;
      case "plain" -> PLAIN;
      default -> TIERED;
    };
  }

  /// Works it out again from what is written there: quantity × pico-USD, added up, rounded up once.
  private static BigInteger worked(String working) {
    BigInteger picos = BigInteger.ZERO;
    String sum = working.substring(working.indexOf('(') + 1, working.indexOf(')'));
    for (String product : sum.split(" \\+ ", -1)) {
      String[] factors = product.split("×", -1);
      picos = picos.add(new BigInteger(factors[0]).multiply(new BigInteger(factors[1])));
    }
    return picos.add(BigInteger.valueOf(999)).divide(BigInteger.valueOf(1000));
  }
}
