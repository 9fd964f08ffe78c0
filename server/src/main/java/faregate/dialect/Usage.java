package faregate.dialect;

import faregate.tariff.Meter;
import faregate.tariff.Quantities;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// The usage an answer reports, and where it stands in the answer's bytes.
///
/// Negative and senseless counts are taken as absent: a provider's mistake must not become a
/// credit.
final class Usage {
  /// More than any call has: such a count is a mistake, and sums of it would overflow.
  private static final long TOKENS_MAX = 1L << 40;

  private long prompt = -1;
  private long completion = -1;
  private long cached;
  private long cacheWrite;
  private final UsageSpot spot;

  private Usage(UsageSpot spot) {
    this.spot = spot;
  }

  /// Reads a `usage` object, at its opening brace, to its closing one.
  static Usage read(JsonParser parser) {
    UsageSpot spot = new UsageSpot(Scan.start(parser));
    Usage usage = new Usage(spot);
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      spot.fields++;
      String name = parser.currentName();
      int nameStart = Scan.start(parser);
      parser.nextToken();
      usage.field(name, nameStart, parser);
    }
    return usage;
  }

  private void field(String name, int nameStart, JsonParser parser) {
    switch (name) {
      case "prompt_tokens" -> prompt = count(parser);
      case "completion_tokens" -> completion = count(parser);
      case "prompt_cache_hit_tokens" -> cached = Math.max(cached, count(parser));
      case "cache_creation_input_tokens" -> cacheWrite = Math.max(cacheWrite, count(parser));
      case "prompt_tokens_details" -> details(parser);
      case "cost", "cost_nano_usd" -> {
        spot.taken(nameStart);
        parser.skipChildren();
      }
      default -> parser.skipChildren();
    }
  }

  private void details(JsonParser parser) {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      return;
    }
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = parser.currentName();
      parser.nextToken();
      switch (name) {
        case "cached_tokens" -> cached = Math.max(cached, count(parser));
        case "cache_write_tokens", "cache_creation_tokens" ->
            cacheWrite = Math.max(cacheWrite, count(parser));
        default -> parser.skipChildren();
      }
    }
  }

  private static long count(JsonParser parser) {
    if (Scan.isInteger(parser) && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER) {
      long count = parser.getLongValue();
      return count <= TOKENS_MAX ? count : -1;
    }
    parser.skipChildren();
    return -1;
  }

  boolean isReported() {
    return prompt >= 0 && completion >= 0 && (prompt > 0 || completion > 0);
  }

  UsageSpot spot() {
    return spot;
  }

  /// What was consumed, each token under one meter only.
  Quantities quantities() {
    long fromCache = Math.clamp(cached, 0, prompt);
    long written = Math.clamp(cacheWrite, 0, prompt - fromCache);
    return Quantities.tokens(prompt - fromCache - written, completion)
        .with(Meter.CACHED_INPUT_TOKEN, fromCache)
        .with(Meter.CACHE_WRITE_TOKEN, written);
  }
}
