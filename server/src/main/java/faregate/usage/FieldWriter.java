package faregate.usage;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/// Writes numbered fields: a key (number × 2, plus 1 for a text), then the value. Keys, numbers and
/// lengths are written seven bits a byte, the lowest first.
final class FieldWriter {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(128);

  FieldWriter(int version) {
    bytes.write(version);
  }

  /// @param value 0 or more; 0 is left out
  void number(int field, long value) {
    if (value < 0) {
      throw new IllegalArgumentException("field " + field + " of facts is 0 or more, not " + value);
    }
    if (value != 0) {
      varint((long) field << 1);
      varint(value);
    }
  }

  /// @param value left out when it is empty
  void text(int field, String value) {
    if (!value.isEmpty()) {
      byte[] text = value.getBytes(StandardCharsets.UTF_8);
      varint(((long) field << 1) | 1);
      varint(text.length);
      bytes.write(text, 0, text.length);
    }
  }

  byte[] bytes() {
    return bytes.toByteArray();
  }

  private void varint(long value) {
    long rest = value;
    while (rest > 0x7f) {
      bytes.write((int) (rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    bytes.write((int) rest);
  }
}
