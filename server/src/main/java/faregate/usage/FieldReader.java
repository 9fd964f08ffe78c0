package faregate.usage;

import java.nio.charset.StandardCharsets;

/// Reads what [FieldWriter] wrote, field by field. Fields that nobody asks about are skipped.
final class FieldReader {
  private final byte[] bytes;
  private final int version;
  private int at;
  private int field;
  private long number;
  private String text = "";

  /// @throws IllegalArgumentException when there is nothing to read
  FieldReader(byte[] bytes) {
    this.bytes = bytes;
    this.version = one();
  }

  int version() {
    return version;
  }

  /// Goes to the next field; false behind the last one.
  ///
  /// @throws IllegalArgumentException when the bytes end in the middle of a field
  boolean next() {
    if (at == bytes.length) {
      return false;
    }
    long key = varint();
    field = (int) (key >>> 1);
    long value = varint();
    boolean isText = (key & 1) == 1;
    number = isText ? 0 : value;
    text = isText ? text(value) : "";
    return true;
  }

  int field() {
    return field;
  }

  /// The value of a number, 0 where the field is a text.
  long number() {
    return number;
  }

  /// The value of a text, empty where the field is a number.
  String text() {
    return text;
  }

  private String text(long length) {
    if (length < 0 || length > bytes.length - at) {
      throw new IllegalArgumentException("facts end within field " + field);
    }
    String read = new String(bytes, at, (int) length, StandardCharsets.UTF_8);
    at += (int) length;
    return read;
  }

  private long varint() {
    long value = 0;
    for (int shift = 0; shift < Long.SIZE; shift += 7) {
      int next = one();
      value |= (long) (next & 0x7f) << shift;
      if (next < 0x80) {
        return value;
      }
    }
    throw new IllegalArgumentException("a number in facts is longer than 64 bits");
  }

  private int one() {
    if (at >= bytes.length) {
      throw new IllegalArgumentException("facts end after " + at + " bytes, within a field");
    }
    return bytes[at++] & 0xff;
  }
}
