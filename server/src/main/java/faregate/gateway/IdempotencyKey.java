package faregate.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;

import faregate.http.Problem;
import faregate.http.Visit;
import faregate.identity.Caller;
import faregate.ledger.RepeatKey;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The client's own name for a call, by which its retries are known.
///
/// It is bound to the body that it came with, byte by byte, and to the path.
final class IdempotencyKey {
  static final String HEADER = "Idempotency-Key";
  static final int CHARS_MAX = 255;

  /// Larger bodies are digested off the event loop.
  private static final int LARGE_BODY_BYTES = 128 << 10;

  private static final int PRINT_BYTES = 16;

  private IdempotencyKey() {}

  /// @return the key, null where the client gave none; fails with a 400 where it is none
  static Future<@Nullable RepeatKey> of(Visit visit, Caller caller, Buffer body) {
    String key = visit.header(HEADER);
    if (key == null) {
      return Future.succeededFuture();
    }
    if (!isOne(key)) {
      return Future.failedFuture(malformed(key).asException());
    }
    String path = Objects.requireNonNull(visit.request().path());
    Future<String> print =
        body.length() > LARGE_BODY_BYTES
            ? visit
                .context()
                .executeBlocking(() -> print(path, body), false)
                .map(Objects::requireNonNull)
            : Future.succeededFuture(print(path, body));
    return print.map(known -> new RepeatKey(caller.token().value(), key, known));
  }

  private static boolean isOne(String key) {
    return !key.isBlank()
        && key.length() <= CHARS_MAX
        && key.chars().allMatch(letter -> letter >= ' ' && letter <= '~');
  }

  private static Problem malformed(String key) {
    String culprit =
        key.isBlank()
            ? "it is empty"
            : key.length() > CHARS_MAX
                ? "it has " + key.length() + " characters"
                : "it has a character that is no printable ASCII";
    return Problem.badRequest(
            "invalid_idempotency_key",
            "An Idempotency-Key has 1 to "
                + CHARS_MAX
                + " printable ASCII characters; "
                + culprit
                + ". Send a UUID, or leave the header out.")
        .withParam(HEADER);
  }

  private static String print(String path, Buffer body) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(path.getBytes(UTF_8));
      digest.update((byte) 0);
      byte[] print = digest.digest(body.getBytes());
      return HexFormat.of().formatHex(print, 0, PRINT_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
