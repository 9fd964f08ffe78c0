package faregate.gateway;

import faregate.catalog.Offer;
import faregate.health.Health;
import faregate.health.Pace;
import faregate.kit.Json;
import faregate.tariff.Meter;
import faregate.tariff.Tariff;
import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/// The catalogue as `GET /v1/models` shows it. What is not known is absent, never null.
///
/// An offer is `live` when a call to it would be made: its provider has a key, its price is known,
/// and its last calls went well.
final class ModelsJson {
  /// When the catalogue's data was taken: the sources tell no date for each model, and clients want
  /// a number that stays. 2026-07-01T00:00Z.
  private static final long CREATED_SECONDS = 1_782_864_000;

  private static final int PICO_USD_PLACES = 6;

  private final Health health;

  ModelsJson(Health health) {
    this.health = health;
  }

  /// @param liveOnly whether what cannot be called is left out
  byte[] list(Map<String, List<Offer>> models, boolean liveOnly) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(1 << 18);
    try (JsonGenerator json = Json.MAPPER.createGenerator(bytes)) {
      json.writeStartObject();
      json.writeStringProperty("object", "list");
      json.writeArrayPropertyStart("data");
      models.forEach((model, offers) -> write(json, model, shown(offers, liveOnly)));
      json.writeEndArray();
      json.writeEndObject();
    }
    return bytes.toByteArray();
  }

  /// @return null when the model is not listed
  byte @Nullable [] one(String model, List<Offer> offers) {
    List<Offer> shown = shown(offers, false);
    if (shown.isEmpty()) {
      return null;
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = Json.MAPPER.createGenerator(bytes)) {
      write(json, model, shown);
    }
    return bytes.toByteArray();
  }

  private List<Offer> shown(List<Offer> offers, boolean liveOnly) {
    return offers.stream()
        .filter(offer -> offer.task().equals("conversational"))
        .filter(offer -> offer.state() != Offer.State.DISABLED)
        .filter(offer -> !liveOnly || isLive(offer))
        .toList();
  }

  private boolean isLive(Offer offer) {
    return offer.isLive() && offer.tariff() != null && health.isTrusted(offer.id());
  }

  private void write(JsonGenerator json, String model, List<Offer> offers) {
    if (offers.isEmpty()) {
      return;
    }
    json.writeStartObject();
    json.writeStringProperty("id", model);
    json.writeStringProperty("object", "model");
    json.writeNumberProperty("created", CREATED_SECONDS);
    json.writeStringProperty("owned_by", model.substring(0, model.indexOf('/')));
    json.writeObjectPropertyStart("architecture");
    words(json, "input_modalities", offers, Offer::inputModalities);
    words(json, "output_modalities", offers, Offer::outputModalities);
    json.writeEndObject();
    json.writeArrayPropertyStart("providers");
    offers.forEach(offer -> write(json, offer));
    json.writeEndArray();
    json.writeEndObject();
  }

  private void write(JsonGenerator json, Offer offer) {
    json.writeStartObject();
    json.writeStringProperty("provider", offer.provider());
    json.writeStringProperty("status", isLive(offer) ? "live" : "error");
    if (offer.contextTokens() > 0) {
      json.writeNumberProperty("context_length", offer.contextTokens());
    }
    pricing(json, offer.tariff());
    flag(json, "supports_tools", offer.tools());
    flag(json, "supports_structured_output", offer.structuredOutput());
    pace(json, health.pace(offer.id()));
    json.writeBooleanProperty("is_model_author", offer.modelAuthor());
    json.writeEndObject();
  }

  private static void pricing(JsonGenerator json, @Nullable Tariff tariff) {
    if (tariff == null) {
      return;
    }
    json.writeObjectPropertyStart("pricing");
    json.writeName("input");
    json.writeNumber(usdPerMillion(tariff, Meter.INPUT_TOKEN));
    json.writeName("output");
    json.writeNumber(usdPerMillion(tariff, Meter.OUTPUT_TOKEN));
    json.writeEndObject();
    if (tariff.isFree()) {
      json.writeBooleanProperty("is_free", true);
    }
  }

  /// Exact, as text, since a float would not be.
  private static String usdPerMillion(Tariff tariff, Meter meter) {
    return BigDecimal.valueOf(tariff.price(meter), PICO_USD_PLACES)
        .stripTrailingZeros()
        .toPlainString();
  }

  private static void pace(JsonGenerator json, Pace pace) {
    if (pace.firstByteMillis() > 0) {
      json.writeNumberProperty("first_token_latency_ms", Math.round(pace.firstByteMillis()));
    }
    if (pace.isMeasured()) {
      json.writeName("throughput");
      json.writeNumber(
          BigDecimal.valueOf(Math.round(pace.tokensPerSecond() * 100), 2)
              .stripTrailingZeros()
              .toPlainString());
    }
  }

  private static void flag(JsonGenerator json, String name, @Nullable Boolean value) {
    if (value != null) {
      json.writeBooleanProperty(name, value);
    }
  }

  /// What any of the offers takes or gives, text first; text where nothing is known.
  private static void words(
      JsonGenerator json, String name, List<Offer> offers, Function<Offer, Set<String>> of) {
    Set<String> all = new TreeSet<>();
    offers.stream().map(of).flatMap(Collection::stream).forEach(all::add);
    json.writeArrayPropertyStart(name);
    if (all.remove("text") || all.isEmpty()) {
      json.writeString("text");
    }
    all.forEach(json::writeString);
    json.writeEndArray();
  }
}
