package faregate.dialect;

import faregate.tariff.Quantities;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// The usage an answer reports, and where it stands in the answer's bytes.
final class Usage {
  private final @Nullable Quantities quantities;
  private final UsageSpot spot;

  private Usage(UsageSpot spot, @Nullable Quantities quantities) {
    this.spot = spot;
    this.quantities = quantities;
  }

  /// Reads the `usage` of a chat completion, at its opening brace, to its closing one.
  static Usage read(JsonParser parser) {
    return read(parser, UsageShape.CHAT);
  }

  static Usage read(JsonParser parser, UsageShape shape) {
    UsageSpot spot = new UsageSpot(Scan.start(parser));
    UsageCounts counts = new UsageCounts();
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      spot.fields++;
      String name = parser.currentName();
      int nameStart = Scan.start(parser);
      parser.nextToken();
      if (name.equals("cost") || name.equals("cost_nano_usd")) {
        spot.taken(nameStart);
        parser.skipChildren();
      } else {
        counts.value(name, parser);
      }
    }
    return new Usage(spot, shape.quantities(counts));
  }

  UsageSpot spot() {
    return spot;
  }

  /// What was consumed, each unit under one meter only; null when it does not say.
  @Nullable Quantities quantities() {
    return quantities;
  }
}
