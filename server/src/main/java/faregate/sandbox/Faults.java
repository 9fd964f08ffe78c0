package faregate.sandbox;

import faregate.http.Problem;
import faregate.kit.Json;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// What is to go wrong, and how the answer is to look. A request says it in a top-level field
/// `sandbox`, which a gateway passes on unchanged; an instance can have defaults, which the request
/// adds to.
///
/// Fields, all optional; a number of tokens means «after so many»:
///
/// - `status`, `retry_after`, `error`: answer with this status, header and body
/// - `times`, `key`: the faults strike only the first so many calls with the same key
/// - `delay_ms`, `first_token_ms`, `chunk_ms`: before the head, before the first token, between
///   tokens
/// - `tokens`: the length of the answer; `overrun: true` ignores the client's limit
/// - `hang: true`: takes the request, never answers; `reset: true`: closes instead of answering;
///   `bill_unseen: true` with either charges the whole answer all the same
/// - `stall_after`, `cut_after`, `error_event`, `garbage`: falls silent, closes, sends an error
///   event, sends what is neither SSE nor JSON
/// - `omit_usage`, `usage_in_last_chunk`, `usage_every_chunk`: true or false
/// - `zero_output: true`: no token, `finish_reason` `error`
/// - `no_done: true`; `huge_event`: an event of so many bytes
/// - `bill_on_cancel`: true or false, instead of the instance's way
/// - `bill_nano_usd`: charges so much, whatever was counted; `bill_raw`: what the billing endpoint
///   says instead of a number; `bill_after_ms`: it knows nothing of the call until then
/// - `model_echo`: what the answer names as its model
/// - `cached_tokens`, `cache_write_tokens`, `reasoning_tokens`: as reported and charged; the first
///   two are part of the prompt, and at most that
///
/// Whoever may call the built-in model may say all of this, and it is played in the process that
/// serves everybody. So numbers and texts have bounds, and what is beyond one is refused.
public final class Faults {
  public static final Faults NONE = new Faults(Json.MAPPER.createObjectNode());

  private static final Set<String> KNOWN =
      Set.of(
          "status",
          "retry_after",
          "error",
          "times",
          "key",
          "delay_ms",
          "first_token_ms",
          "chunk_ms",
          "tokens",
          "overrun",
          "hang",
          "reset",
          "bill_unseen",
          "stall_after",
          "cut_after",
          "error_event",
          "garbage",
          "omit_usage",
          "usage_in_last_chunk",
          "usage_every_chunk",
          "zero_output",
          "no_done",
          "huge_event",
          "bill_on_cancel",
          "bill_nano_usd",
          "bill_raw",
          "bill_after_ms",
          "model_echo",
          "cached_tokens",
          "cache_write_tokens",
          "reasoning_tokens");

  private static final long TOKENS_MAX = 65_536;
  private static final long DETAIL_TOKENS_MAX = 1_000_000;
  private static final long PAUSE_MILLIS_MAX = 600_000;

  /// A little more than a gateway takes of one event.
  private static final long EVENT_BYTES_MAX = 9 << 20;

  private static final Map<String, Long> MOST =
      Map.ofEntries(
          Map.entry("status", 599L),
          Map.entry("times", 1_000_000L),
          Map.entry("delay_ms", PAUSE_MILLIS_MAX),
          Map.entry("first_token_ms", PAUSE_MILLIS_MAX),
          Map.entry("chunk_ms", PAUSE_MILLIS_MAX),
          Map.entry("tokens", TOKENS_MAX),
          Map.entry("stall_after", TOKENS_MAX),
          Map.entry("cut_after", TOKENS_MAX),
          Map.entry("error_event", TOKENS_MAX),
          Map.entry("garbage", TOKENS_MAX),
          Map.entry("huge_event", EVENT_BYTES_MAX),
          Map.entry("bill_nano_usd", 1_000_000_000_000_000L),
          Map.entry("bill_after_ms", 86_400_000L),
          Map.entry("cached_tokens", DETAIL_TOKENS_MAX),
          Map.entry("cache_write_tokens", DETAIL_TOKENS_MAX),
          Map.entry("reasoning_tokens", DETAIL_TOKENS_MAX));

  /// The most characters of what is kept after the call, or said in every event.
  private static final Map<String, Integer> LONGEST =
      Map.of("key", 256, "model_echo", 256, "bill_raw", 1_024);

  /// What stays when the faults of a key are used up: how the answer looks, not how it fails.
  private static final Set<String> LOOKS =
      Set.of(
          "first_token_ms",
          "chunk_ms",
          "tokens",
          "bill_on_cancel",
          "bill_nano_usd",
          "bill_raw",
          "bill_after_ms",
          "model_echo",
          "cached_tokens",
          "cache_write_tokens",
          "reasoning_tokens");

  private final ObjectNode fields;

  private Faults(ObjectNode fields) {
    this.fields = fields;
  }

  /// Reads them as a request would say them.
  public static Faults of(String json) {
    return NONE.with(Json.MAPPER.readTree(json));
  }

  /// These faults, with those of a request on top.
  ///
  /// @throws faregate.http.ProblemException with 400 when a field is unknown or beyond its bound
  Faults with(JsonNode more) {
    if (more.isMissingNode()) {
      return this;
    }
    if (!more.isObject()) {
      throw refused("'sandbox' must be an object");
    }
    ObjectNode merged = fields.deepCopy();
    for (var field : more.properties()) {
      if (!KNOWN.contains(field.getKey())) {
        throw refused("'sandbox' has no field '" + field.getKey() + "'");
      }
      checkBounds(field.getKey(), field.getValue());
      merged.set(field.getKey(), field.getValue());
    }
    return new Faults(merged);
  }

  private static void checkBounds(String name, JsonNode value) {
    long most = MOST.getOrDefault(name, Long.MAX_VALUE);
    if (value.isNumber() && value.asLong(Long.MAX_VALUE) > most) {
      throw refused("'sandbox." + name + "' must be at most " + most);
    }
    int longest = LONGEST.getOrDefault(name, Integer.MAX_VALUE);
    if (longest < Integer.MAX_VALUE && value.toString().length() > longest) {
      throw refused("'sandbox." + name + "' must have at most " + longest + " characters");
    }
  }

  private static RuntimeException refused(String why) {
    return Problem.badRequest("invalid_sandbox", why).withParam("sandbox").asException();
  }

  /// Without what fails.
  Faults calm() {
    return new Faults(fields.deepCopy().retain(LOOKS));
  }

  /// What goes wrong with the bill of a call, which is told later.
  void bill(BillEntry entry, long nowNanos) {
    JsonNode cost = node("bill_nano_usd");
    if (cost != null && cost.isIntegralNumber()) {
      entry.revise(cost.longValue());
    }
    JsonNode verbatim = node("bill_raw");
    if (verbatim != null) {
      entry.tell(verbatim);
    }
    if (has("bill_after_ms")) {
      entry.tellFrom(nowNanos + number("bill_after_ms", 0) * 1_000_000L);
    }
  }

  boolean is(String name) {
    return fields.path(name).asBoolean(false);
  }

  boolean has(String name) {
    return fields.has(name);
  }

  int number(String name, int otherwise) {
    JsonNode value = fields.path(name);
    return value.isNumber() ? Math.max(0, value.asInt()) : otherwise;
  }

  @Nullable String text(String name) {
    JsonNode value = fields.path(name);
    return value.isString() ? value.stringValue() : null;
  }

  @Nullable JsonNode node(String name) {
    return fields.get(name);
  }
}
