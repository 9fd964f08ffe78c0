package faregate.identity;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// SHA-256 of a token's secret: all that is kept of it, and the key it is found by.
///
/// Since a digest cannot be steered towards another one, comparing digests tells nothing by the
/// time it takes.
record TokenDigest(long first, long second, long third, long fourth) {
  private static final ThreadLocal<MessageDigest> SHA_256 =
      ThreadLocal.withInitial(TokenDigest::sha256);

  static TokenDigest of(String secret) {
    return of(SHA_256.get().digest(secret.getBytes(StandardCharsets.UTF_8)));
  }

  /// Reads [#text].
  static TokenDigest parse(String text) {
    return of(HexFormat.of().parseHex(text));
  }

  private static TokenDigest of(byte[] bytes) {
    ByteBuffer digest = ByteBuffer.wrap(bytes);
    return new TokenDigest(digest.getLong(), digest.getLong(), digest.getLong(), digest.getLong());
  }

  /// As it is stored: 64 hexadecimal digits.
  String text() {
    HexFormat hex = HexFormat.of();
    return hex.toHexDigits(first)
        + hex.toHexDigits(second)
        + hex.toHexDigits(third)
        + hex.toHexDigits(fourth);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
