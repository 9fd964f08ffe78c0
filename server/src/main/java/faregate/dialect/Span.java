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
}
