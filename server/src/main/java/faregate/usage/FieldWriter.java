package faregate.usage;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Writes numbered fields: a key (number × 2, plus 1 for a text), then the value. Keys, numbers and
/// lengths are written seven bits a byte, the lowest first.
final class FieldWriter {
  private static final int VARINT_BYTES_MAX = 10;
  private byte[] bytes = new byte[160];
  private int length;

  FieldWriter(int version) {
    bytes[length++] = (byte) version;
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
      reserve(text.length);
      System.arraycopy(text, 0, bytes, length, text.length);
      length += text.length;
    }
  }

  byte[] bytes() {
    return Arrays.copyOf(bytes, length);
  }

  private void varint(long value) {
    reserve(VARINT_BYTES_MAX);
    long rest = value;
    while (rest > 0x7f) {
      bytes[length++] = (byte) ((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    bytes[length++] = (byte) rest;
  }

  private void reserve(int more) {
    if (bytes.length - length < more) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + more));
    }
  }
}
