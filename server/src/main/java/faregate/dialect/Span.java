package faregate.dialect;

/// A range of bytes in a JSON text: of one value, with its quotes or braces.
///
/// @param start of the first byte
/// @param end behind the last byte
record Span(int start, int end) {
  static final Span NONE = new Span(-1, -1);

  boolean isPresent() {
    return start >= 0;
  }

  /// The name of the field whose value this is, with its quotes. It must be one that holds no quote
  /// itself.
  Span keyIn(byte[] json) {
    int colon = skipSpaceBack(json, start) - 1;
    int end = skipSpaceBack(json, colon);
    int open = end - 2;
    while (json[open] != '"') {
      open--;
    }
    return new Span(open, end);
  }

  /// @return the first place from `at` on that is no white space
  static int skipSpace(byte[] json, int at) {
    int to = at;
    while (isSpace(json[to])) {
      to++;
    }
    return to;
  }

  /// @return the last place up to `at` that has no white space before it
  static int skipSpaceBack(byte[] json, int at) {
    int to = at;
    while (isSpace(json[to - 1])) {
      to--;
    }
    return to;
  }

  private static boolean isSpace(byte character) {
    return switch (character) {
      case ' ', '\t', '\r', '\n' -> true;
      default -> false;
    };
  }
}
