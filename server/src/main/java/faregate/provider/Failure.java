package faregate.provider;

import faregate.http.Problem;
import faregate.http.UpstreamException;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a failed attempt means. All rules stand here, with the facts they rest on.
///
/// A provider's own words reach the client only where the client's request is at fault; what a
/// provider says about the operator's account or its own state stays here.
///
/// @param kind what happened, for routing and for metrics
/// @param again whether another attempt may be made, as long as the client has seen no byte
/// @param ambiguous whether the provider may have served and billed it: the operator's exposure
/// @param cooling how long its offer should be left alone; zero for not at all
/// @param problem what the client is told when this was the last attempt
/// @param detail for the operator's log; no secrets, no prompts
public record Failure(
    Kind kind, boolean again, boolean ambiguous, Duration cooling, Problem problem, String detail) {
  private static final Duration COOLING_MAX = Duration.ofHours(1);
  private static final BigDecimal LEAST_SECONDS = new BigDecimal("0.001");
  private static final Duration BUSY_COOLING = Duration.ofSeconds(5);
  private static final Duration ACCOUNT_COOLING = Duration.ofMinutes(1);

  /// In lower case.
  private static final Set<String> ACCOUNT_CODES = Set.of("invalid_api_key", "api_key_invalid");

  /// In lower case: how those begin that tell of a key or a balance.
  private static final List<String> ACCOUNT_MESSAGES =
      List.of(
          "api key not valid",
          "api key not found",
          "api key expired",
          "api_key_invalid",
          "incorrect api key provided",
          "invalid api key",
          "your credit balance is too low");

  /// The classes of failure.
  public enum Kind {
    /// The server could not be reached, or did not get the request whole.
    UNREACHABLE,
    /// The request was sent and nothing came back.
    SILENT,
    /// The answer broke after its head, or made no sense.
    BROKEN,
    /// It has too much to do: 429, 408, 503, 529.
    BUSY,
    /// It failed: other 5xx, and redirects, which are not followed.
    FAULT,
    /// The operator's key or account is at fault: 401, 402, or a 400 that says so.
    ACCOUNT,
    /// It forbids the call, for the account or for what the request asks: 403. Some say that of a
    /// prompt that is too long.
    FORBIDDEN,
    /// It does not have the model, or not for such a request: 404, 410. Some say that where no
    /// server of theirs supports tools.
    NO_MODEL,
    /// The client's request is at fault: other 4xx.
    CLIENT
  }

  /// What a provider said of an error, as far as its dialect tells.
  ///
  /// @param message empty where it said nothing readable
  public record Words(
      String message, @Nullable String type, @Nullable String param, @Nullable String code) {
    public static final Words NONE = new Words("", null, null, null);
  }

  /// A failure of the connection.
  public static Failure of(String provider, UpstreamException failure) {
    return switch (failure.stage()) {
      case NOT_SENT ->
          new Failure(
              Kind.UNREACHABLE,
              true,
              false,
              Duration.ZERO,
              gone(502, "provider_unreachable", "The provider " + provider + " cannot be reached"),
              text(failure));
      case NOTHING_RECEIVED ->
          new Failure(
              Kind.SILENT,
              true,
              true,
              Duration.ZERO,
              failure.isTimeout()
                  ? gone(
                      504,
                      "provider_timeout",
                      "The provider " + provider + " did not answer in time")
                  : gone(
                      502,
                      "provider_silent",
                      "The provider " + provider + " closed without an answer"),
              text(failure));
      case BROKEN_BODY -> broken(provider, text(failure));
    };
  }

  /// An answer that broke after its head, or that cannot be understood. It may have been billed.
  public static Failure broken(String provider, String detail) {
    return new Failure(
        Kind.BROKEN,
        true,
        true,
        Duration.ZERO,
        gone(502, "provider_broke_off", "The provider " + provider + " broke its answer off"),
        detail);
  }

  /// An answer that is no success.
  ///
  /// @param words what its body said
  /// @param nowMicros wall time, to read a `Retry-After` that is a date
  public static Failure of(
      String provider, int status, MultiMap headers, Words words, long nowMicros) {
    Duration asked = retryAfter(headers, nowMicros);
    String detail = provider + " answered " + status;
    return switch (status) {
      case 408, 429, 503, 529 -> busy(provider, asked, detail);
      case 401, 402 -> account(Kind.ACCOUNT, provider, ACCOUNT_COOLING, detail);
      case 403 -> account(Kind.FORBIDDEN, provider, Duration.ZERO, detail);
      case 404, 410 ->
          new Failure(
              Kind.NO_MODEL,
              true,
              false,
              Duration.ZERO,
              Problem.badRequest(
                      "model_not_supported", "Model not supported by provider " + provider)
                  .withParam("model"),
              detail + "; the model is gone there, or the base URL is wrong");
      case 400 ->
          blamesTheAccount(words)
              ? account(Kind.ACCOUNT, provider, ACCOUNT_COOLING, detail)
              : client(provider, status, words, detail);
      default ->
          status > 400 && status < 500
              ? client(provider, status, words, detail)
              : new Failure(
                  Kind.FAULT,
                  true,
                  false,
                  asked,
                  gone(
                      502, "provider_error", "The provider " + provider + " failed with " + status),
                  detail);
    };
  }

  /// Gemini says 400 of a dead key, as xAI does, and Anthropic of an empty balance. Only how a
  /// message begins counts: further on it may quote the request, and nobody may shut an offer for
  /// all by what he writes.
  private static boolean blamesTheAccount(Words words) {
    String code = words.code();
    String message = words.message().toLowerCase(Locale.ROOT);
    return (code != null && ACCOUNT_CODES.contains(code.toLowerCase(Locale.ROOT)))
        || ACCOUNT_MESSAGES.stream().anyMatch(message::startsWith);
  }

  private static Failure account(Kind kind, String provider, Duration cooling, String detail) {
    Problem problem =
        gone(
            502,
            "provider_account",
            "The provider "
                + provider
                + " refuses the account of this server; its operator"
                + " must mend that");
    return new Failure(
        kind, true, false, cooling, problem, detail + "; check the key and the balance there");
  }

  private static Failure busy(String provider, Duration asked, String detail) {
    Duration cooling = asked.isZero() ? BUSY_COOLING : asked;
    Problem problem =
        Problem.of(429, "provider_busy", "The provider " + provider + " has too many requests now")
            .withField("provider", provider)
            .withRetryAfter(cooling.toSeconds());
    return new Failure(Kind.BUSY, true, false, cooling, problem, detail);
  }

  private static Failure client(String provider, int status, Words words, String detail) {
    String message =
        words.message().isEmpty()
            ? "The provider " + provider + " refused this request with " + status
            : words.message();
    Problem problem = Problem.of(status, words.code(), message).withField("provider", provider);
    if (words.type() != null) {
      problem = problem.withType(words.type());
    }
    if (words.param() != null) {
      problem = problem.withParam(words.param());
    }
    return new Failure(Kind.CLIENT, false, false, Duration.ZERO, problem, detail);
  }

  private static Problem gone(int status, String code, String message) {
    return Problem.of(status, code, message).withType("provider_error");
  }

  private static String text(UpstreamException failure) {
    return String.valueOf(failure.getMessage());
  }

  /// `Retry-After` in seconds or as a date, at most an hour; zero where there is none.
  private static Duration retryAfter(MultiMap headers, long nowMicros) {
    String value = headers.get(HttpHeaders.RETRY_AFTER);
    if (value == null) {
      return Duration.ZERO;
    }
    Duration asked;
    try {
      asked = seconds(new BigDecimal(value.strip()));
    } catch (NumberFormatException _) {
      asked = untilDate(value, nowMicros);
    }
    if (asked.isNegative()) {
      return Duration.ZERO;
    }
    return asked.compareTo(COOLING_MAX) > 0 ? COOLING_MAX : asked;
  }

  /// A number with a large exponent is compared and not written out: that would take for ever.
  private static Duration seconds(BigDecimal number) {
    if (number.compareTo(BigDecimal.valueOf(COOLING_MAX.toSeconds())) >= 0) {
      return COOLING_MAX;
    }
    return number.compareTo(LEAST_SECONDS) < 0
        ? Duration.ZERO
        : Duration.ofMillis(number.movePointRight(3).longValue());
  }

  private static Duration untilDate(String value, long nowMicros) {
    try {
      ZonedDateTime date = ZonedDateTime.parse(value.strip(), DateTimeFormatter.RFC_1123_DATE_TIME);
      return Duration.ofMillis(date.toInstant().toEpochMilli() - nowMicros / 1000);
    } catch (DateTimeException _) {
      return Duration.ZERO;
    }
  }
}
