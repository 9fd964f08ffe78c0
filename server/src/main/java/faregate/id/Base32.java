package faregate.id;

import java.util.Arrays;

/// Crockford's base 32 of 64 bits in thirteen characters: lower case, sorts as the numbers do.
final class Base32 {
  private static final char[] DIGITS = "0123456789abcdefghjkmnpqrstvwxyz".toCharArray();
  private static final byte[] VALUES = new byte[128];
  private static final int LENGTH = 13;

  static {
    Arrays.fill(VALUES, (byte) -1);
    for (int value = 0; value < DIGITS.length; value++) {
      VALUES[DIGITS[value]] = (byte) value;
    }
  }

  private Base32() {}

  static String text(long value) {
    char[] text = new char[LENGTH];
    for (int at = LENGTH - 1; at >= 0; at--) {
      text[at] = DIGITS[(int) (value & 31)];
      value >>>= 5;
    }
    return new String(text);
  }

  static long parse(String text) {
    if (text.length() != LENGTH) {
      throw new IllegalArgumentException("an id has " + LENGTH + " characters: '" + text + "'");
    }
    long value = 0;
    for (int at = 0; at < LENGTH; at++) {
      char digit = text.charAt(at);
      int bits = digit < 128 ? VALUES[digit] : -1;
      if (bits < 0 || (at == 0 && bits > 15)) {
        throw new IllegalArgumentException("no id: '" + text + "'");
      }
      value = (value << 5) | bits;
    }
    return value;
  }
}
