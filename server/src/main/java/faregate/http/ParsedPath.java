package faregate.http;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/// The path of a request, taken apart and decoded exactly once. Everything that routes or
/// authorises looks at this, never at the raw text, so that no two places can read it differently.
///
/// @param segments decoded; a `%2F` stays inside its segment
record ParsedPath(List<String> segments) {

  /// @param raw as on the request line, without the query
  /// @throws ProblemException with 400 for broken escapes, control characters and dot segments
  static ParsedPath of(String raw) {
    if (!raw.startsWith("/")) {
      throw bad("it must start with '/'");
    }
    List<String> segments = new ArrayList<>();
    int from = 1;
    while (from <= raw.length()) {
      int slash = raw.indexOf('/', from);
      int to = slash < 0 ? raw.length() : slash;
      segments.add(decode(raw.substring(from, to)));
      from = to + 1;
    }
    return new ParsedPath(segments);
  }

  private static String decode(String raw) {
    String text = raw.indexOf('%') < 0 ? raw : unescape(raw);
    if (text.equals(".") || text.equals("..")) {
      throw bad("it contains '" + text + "'");
    }
    if (text.chars().anyMatch(letter -> letter < ' ' || letter == 0x7f)) {
      throw bad("it contains a control character");
    }
    return text;
  }

  private static String unescape(String raw) {
    byte[] bytes = new byte[raw.length() * 3];
    int length = 0;
    for (int at = 0; at < raw.length(); at++) {
      char letter = raw.charAt(at);
      if (letter == '%') {
        if (at + 2 >= raw.length()
            || !HexFormat.isHexDigit(raw.charAt(at + 1))
            || !HexFormat.isHexDigit(raw.charAt(at + 2))) {
          throw bad("it has a '%' that no two hexadecimal digits follow");
        }
        bytes[length++] = (byte) HexFormat.fromHexDigits(raw, at + 1, at + 3);
        at += 2;
      } else if (letter < 0x80) {
        bytes[length++] = (byte) letter;
      } else {
        throw bad("it has a character that is not escaped");
      }
    }
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes, 0, length))
          .toString();
    } catch (CharacterCodingException _) {
      throw bad("its escapes are not UTF-8");
    }
  }

  private static ProblemException bad(String why) {
    return Problem.badRequest("invalid_path", "The path of this request is malformed: " + why)
        .asException();
  }
}
