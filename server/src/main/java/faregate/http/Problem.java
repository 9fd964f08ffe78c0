package faregate.http;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A refusal or a failure, as the client is told. A value: make it, then add to it.
///
/// @param status the HTTP status
/// @param message for a person: the culprit and the remedy; no secrets, no stack traces
/// @param type as in OpenAI's error object, such as `invalid_request_error`
/// @param param the field of the request that is wrong
/// @param code for programs, such as `insufficient_credit`
/// @param headers sent along, such as `Retry-After`
/// @param fields further members of the error object: strings, numbers, booleans, lists and maps of
///   them
public record Problem(
    int status,
    String message,
    String type,
    @Nullable String param,
    @Nullable String code,
    Map<String, String> headers,
    Map<String, Object> fields) {

  public Problem {
    message = wellFormed(message);
    param = param == null ? null : wellFormed(param);
    code = code == null ? null : wellFormed(code);
    type = wellFormed(type);
    headers = Map.copyOf(headers);
    Map<String, Object> written = new LinkedHashMap<>(fields);
    written.replaceAll((_, value) -> value instanceof String text ? wellFormed(text) : value);
    fields = Map.copyOf(written);
  }

  /// Half a surrogate pair, which a client or a provider may send, cannot be written in UTF-8.
  private static String wellFormed(String text) {
    return text.chars().anyMatch(letter -> Character.isSurrogate((char) letter))
        ? new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8)
        : text;
  }

  /// A problem whose type follows from its status.
  public static Problem of(int status, @Nullable String code, String message) {
    return new Problem(status, message, typeOf(status), null, code, Map.of(), Map.of());
  }

  /// The client's request is wrong.
  public static Problem badRequest(@Nullable String code, String message) {
    return of(400, code, message);
  }

  /// Our own fault. The cause goes to the log, never to the client.
  public static Problem internal() {
    return of(500, "internal_error", "Internal Error, please report to us with the request id");
  }

  public Problem withType(String newType) {
    return new Problem(status, message, newType, param, code, headers, fields);
  }

  public Problem withParam(String newParam) {
    return new Problem(status, message, type, newParam, code, headers, fields);
  }

  public Problem withHeader(String name, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(name, value);
    return new Problem(status, message, type, param, code, more, fields);
  }

  /// @param seconds when the client may try again
  public Problem withRetryAfter(long seconds) {
    return withHeader("retry-after", Long.toString(Math.max(1, seconds)));
  }

  public Problem withField(String name, Object value) {
    Map<String, Object> more = new LinkedHashMap<>(fields);
    more.put(name, value);
    return new Problem(status, message, type, param, code, headers, more);
  }

  /// As an exception, for code whose callers wait for something else.
  public ProblemException asException() {
    return new ProblemException(this);
  }

  private static String typeOf(int status) {
    return switch (status) {
      case 401 -> "authentication_error";
      case 402 -> "insufficient_quota";
      case 403 -> "permission_error";
      case 404 -> "not_found_error";
      case 429 -> "rate_limit_error";
      default -> status < 500 ? "invalid_request_error" : "server_error";
    };
  }
}
