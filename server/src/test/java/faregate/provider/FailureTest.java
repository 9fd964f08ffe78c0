package faregate.provider;

import static org.assertj.core.api.Assertions.assertThat;

import faregate.catalog.Provider;
import faregate.http.UpstreamException;
import faregate.http.UpstreamException.Stage;
import faregate.kit.Secret;
import faregate.provider.families.Families;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The table of failures.
class FailureTest {
  private static final long NOW = Instant.parse("2026-11-20T10:00:00Z").toEpochMilli() * 1000;
  private static final Provider GROQ =
      new Provider(
          "groq",
          "Groq",
          "openai",
          "https://x",
          "/",
          "a",
          "",
          "K",
          new Secret("sk-very-secret"),
          true,
          false,
          "max_tokens",
          "x-request-id",
          false,
          null,
          "a test");

  private static Failure answered(int status, String body, String... headers) {
    MultiMap all = HttpHeaders.headers();
    for (int at = 0; at < headers.length; at += 2) {
      all.add(headers[at], headers[at + 1]);
    }
    return Families.of("openai").failure(GROQ, status, all, Buffer.buffer(body), NOW);
  }

  @ParameterizedTest
  @CsvSource({
    // status, kind, again, what the client sees
    "302, FAULT,    true,  502, provider_error",
    "400, CLIENT,   false, 400, bad_thing",
    "401, ACCOUNT,  true,  502, provider_account",
    "402, ACCOUNT,  true,  502, provider_account",
    "403, FORBIDDEN, true,  502, provider_account",
    "404, NO_MODEL, true,  400, model_not_supported",
    "408, BUSY,     true,  429, provider_busy",
    "410, NO_MODEL, true,  400, model_not_supported",
    "413, CLIENT,   false, 413, bad_thing",
    "422, CLIENT,   false, 422, bad_thing",
    "429, BUSY,     true,  429, provider_busy",
    "500, FAULT,    true,  502, provider_error",
    "502, FAULT,    true,  502, provider_error",
    "503, BUSY,     true,  429, provider_busy",
    "504, FAULT,    true,  502, provider_error",
    "529, BUSY,     true,  429, provider_busy",
  })
  void answers(int status, Failure.Kind kind, boolean again, int seen, String code) {
    Failure failure =
        answered(status, "{\"error\":{\"message\":\"no\",\"code\":\"bad_thing\",\"param\":\"n\"}}");

    assertThat(failure.kind()).isEqualTo(kind);
    assertThat(failure.again()).isEqualTo(again);
    assertThat(failure.ambiguous()).isFalse();
    assertThat(failure.problem().status()).isEqualTo(seen);
    assertThat(failure.problem().code()).isEqualTo(code);
  }

  @ParameterizedTest
  @CsvSource({
    "NOT_SENT,         false, UNREACHABLE, false, 502",
    "NOT_SENT,         true,  UNREACHABLE, false, 502",
    "NOTHING_RECEIVED, false, SILENT,      true,  502",
    "NOTHING_RECEIVED, true,  SILENT,      true,  504",
    "BROKEN_BODY,      false, BROKEN,      true,  502",
  })
  void connections(Stage stage, boolean timeout, Failure.Kind kind, boolean ambiguous, int seen) {
    Failure failure = Failure.of("groq", new UpstreamException(stage, timeout, "why", null));

    assertThat(failure.kind()).isEqualTo(kind);
    assertThat(failure.again()).isTrue();
    assertThat(failure.ambiguous()).isEqualTo(ambiguous);
    assertThat(failure.problem().status()).isEqualTo(seen);
    assertThat(failure.problem().message()).contains("groq");
    assertThat(failure.detail()).isEqualTo("why");
  }

  @ParameterizedTest
  @CsvSource({
    "7, 7000",
    "0.5, 500",
    "'Fri, 20 Nov 2026 10:01:00 GMT', 60000",
    "'Fri, 20 Nov 2026 09:00:00 GMT', 5000",
    "999999, 3600000",
    "99999999999999999999999999, 3600000",
    "1e2147483647, 3600000",
    "1e99999999, 3600000",
    "1e-99999999, 5000",
    "-1e99999999, 5000",
    "-3, 5000",
    "soon, 5000",
  })
  void retryAfterCools(String said, long millis) {
    Failure failure = answered(429, "", "Retry-After", said);

    assertThat(failure.cooling().toMillis()).isEqualTo(millis);
    assertThat(failure.problem().headers())
        .containsEntry("retry-after", Long.toString(Math.max(1, millis / 1000)));
    assertThat(failure.problem().message()).contains("groq");
  }

  @Test
  void theClientsOwnFaultIsPassedOnInTheProvidersWords() {
    Failure failure =
        answered(
            400,
            "{\"error\":{\"message\":\"n is too"
                + " big\",\"type\":\"invalid_request_error\",\"param\":\"n\",\"code\":null}}");

    assertThat(failure.problem().message()).isEqualTo("n is too big");
    assertThat(failure.problem().param()).isEqualTo("n");
    assertThat(failure.problem().code()).isNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"error\":\"a sentence\"}            | a sentence",
        "{\"message\":\"top level\"}           | top level",
        "{\"detail\":\"a detail\"}             | a detail",
        "{\"error\":{\"message\":5}}           | 5",
        "[{\"error\":{\"message\":\"in a list\"}}] | in a list",
        "{\"error\":\"no tool: incorrect api key provided\"} | no tool: incorrect api key provided",
        "[]                                    | The provider groq refused this request with 400",
        "<html>                                | The provider groq refused this request with 400",
        "{\"error\":{\"message\":\"bad sk-very-secret!\"}} | bad ***!",
      })
  void errorBodiesOfAllKindsAreRead(String body, String message) {
    assertThat(answered(400, body).problem().message()).isEqualTo(message);
  }

  @ParameterizedTest
  @CsvSource({
    "401, 60", "402, 60", "403, 0", "404, 0", "410, 0",
  })
  void onlyARefusedAccountIsLeftAlone(int status, long seconds) {
    assertThat(answered(status, "").cooling().toSeconds()).isEqualTo(seconds);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"error\":{\"code\":400,\"message\":\"API key not valid. Please pass a valid API"
            + " key.\",\"status\":\"INVALID_ARGUMENT\"}}",
        "[{\"error\":{\"code\":400,\"message\":\"API key not valid. Please pass a valid API"
            + " key.\",\"status\":\"INVALID_ARGUMENT\"}}]",
        "[{\"error\":{\"code\":400,\"message\":\"API key expired. Please renew the API key.\"}}]",
        "{\"error\":{\"code\":\"API_KEY_INVALID\",\"message\":\"no\"}}",
        "{\"code\":\"Client specified an invalid argument\",\"error\":\"Incorrect API key"
            + " provided: sk***gA. You can obtain an API key from https://console.x.ai.\"}",
        "{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\",\"message\":\"Your"
            + " credit balance is too low to access the Anthropic API.\"}}",
      })
  void aKeyOrABalanceIsNotTheClientsFaultWhateverTheStatus(String body) {
    Failure failure = answered(400, body);

    assertThat(failure.kind()).isEqualTo(Failure.Kind.ACCOUNT);
    assertThat(failure.again()).isTrue();
    assertThat(failure.cooling()).isEqualTo(Duration.ofMinutes(1));
    assertThat(failure.problem().status()).isEqualTo(502);
    assertThat(failure.problem().code()).isEqualTo("provider_account");
    assertThat(failure.toString()).doesNotContain("sk***gA").doesNotContain("credit balance");
  }

  @Test
  void theOperatorsBalanceStaysTheOperators() {
    Failure failure =
        answered(402, "{\"error\":{\"message\":\"NOT_ENOUGH_BALANCE of acme corp\"}}");

    assertThat(failure.problem().message()).doesNotContain("BALANCE").doesNotContain("acme");
    assertThat(failure.toString()).doesNotContain("acme").doesNotContain("sk-very-secret");
  }

  @Test
  void onlyListedHeadersPass() {
    MultiMap from =
        HttpHeaders.headers()
            .add("Content-Type", "text/event-stream")
            .add("set-cookie", "a=b")
            .add("openai-organization", "acme")
            .add("x-ratelimit-remaining-requests", "1")
            .add("x-request-id", "theirs")
            .add("transfer-encoding", "chunked");
    MultiMap to = HttpHeaders.headers();

    ResponseHeaders.copy(from, to);

    assertThat(to.names()).containsExactly("content-type");
  }
}
