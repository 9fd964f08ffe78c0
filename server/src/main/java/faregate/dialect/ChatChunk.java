package faregate.dialect;

import faregate.money.Nanos;
import faregate.tariff.Quantities;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// One chunk of a streamed answer: what it delivers, and what it reports.
public final class ChatChunk {
  private final int choices;
  private final boolean output;
  private final boolean error;
  private final boolean finishedWithError;
  private final int finishes;
  private final @Nullable Usage usage;

  private ChatChunk(
      int choices, boolean output, boolean error, Output read, @Nullable Usage usage) {
    this.choices = choices;
    this.output = output;
    this.error = error;
    this.finishes = read.finishes();
    this.finishedWithError = read.finishedWithError();
    this.usage = usage;
  }

  /// Reads the data of one event, from `offset` on.
  ///
  /// @param read takes what the chunk delivers, its text into `delivered`
  /// @return null when it is no JSON object
  static @Nullable ChatChunk read(
      byte[] data, int offset, int length, Output read, StringBuilder delivered) {
    int before = delivered.length();
    int choices = 0;
    boolean error = false;
    Usage usage = null;
    try (JsonParser parser = Scan.of(data, offset, length)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return null;
      }
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        String name = parser.currentName();
        JsonToken value = parser.nextToken();
        if (name.equals("choices")) {
          choices = read.choices(parser, "delta");
        } else if (name.equals("usage") && value == JsonToken.START_OBJECT) {
          usage = Usage.read(parser);
        } else {
          error |= name.equals("error") && value != JsonToken.VALUE_NULL;
          parser.skipChildren();
        }
      }
    } catch (JacksonException _) {
      delivered.setLength(before);
      return null;
    }
    if (error) {
      delivered.setLength(before);
    }
    return new ChatChunk(choices, delivered.length() > before, error, read, usage);
  }

  /// What the provider says was consumed so far, null when this chunk does not say.
  public @Nullable Quantities reported() {
    return usage == null ? null : usage.quantities();
  }

  /// Whether it is the extra chunk that only tells the usage.
  public boolean isUsageOnly() {
    return usage != null && choices == 0;
  }

  public boolean hasOutput() {
    return output;
  }

  /// How many of the answers end with it.
  public int finishes() {
    return finishes;
  }

  /// Whether it delivers text, and says nothing else.
  boolean isText() {
    return output && usage == null && finishes == 0 && !error;
  }

  public boolean isError() {
    return error;
  }

  public boolean finishedWithError() {
    return finishedWithError;
  }

  /// Splices the cost into the chunk's data; only for one that reports usage.
  ///
  /// @param data exactly the bytes that were read
  public byte[] withCost(byte[] data, Nanos cost) {
    if (usage == null) {
      throw new IllegalStateException("a chunk without usage takes no cost");
    }
    Splice splice = new Splice();
    usage.spot().splice(splice, cost);
    return splice.apply(data);
  }
}
