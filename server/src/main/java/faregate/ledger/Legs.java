package faregate.ledger;

import faregate.id.LotId;
import java.util.Arrays;
import java.util.List;

/// Legs as bytes in a row: for each a flag, its lot, held and posted, as variable-length numbers.
/// Some twenty bytes for the usual single leg.
final class Legs {
  private static final int LEG_BYTES_MAX = 1 + 3 * 10;
  private static final byte[] NONE = new byte[0];

  private Legs() {}

  static byte[] encode(List<Leg> legs) {
    if (legs.isEmpty()) {
      return NONE;
    }
    byte[] bytes = new byte[legs.size() * LEG_BYTES_MAX];
    int at = 0;
    for (Leg leg : legs) {
      bytes[at++] = (byte) (leg.limit() ? 1 : 0);
      at = put(bytes, at, leg.lot().value());
      at = put(bytes, at, zigzag(leg.held()));
      at = put(bytes, at, zigzag(leg.posted()));
    }
    return Arrays.copyOf(bytes, at);
  }

  /// @throws IllegalArgumentException when the bytes are no legs: a damaged row
  static List<Leg> decode(byte[] bytes) {
    return new Reader(bytes).legs();
  }

  private static long zigzag(long value) {
    return (value << 1) ^ (value >> 63);
  }

  private static int put(byte[] bytes, int start, long value) {
    int at = start;
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      bytes[at++] = (byte) ((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    bytes[at++] = (byte) rest;
    return at;
  }

  private static final class Reader {
    private final byte[] bytes;
    private int at;

    Reader(byte[] bytes) {
      this.bytes = bytes;
    }

    List<Leg> legs() {
      List<Leg> legs = new java.util.ArrayList<>(1);
      try {
        while (at < bytes.length) {
          boolean limit = bytes[at++] == 1;
          legs.add(new Leg(new LotId(number()), limit, signed(), signed()));
        }
      } catch (ArrayIndexOutOfBoundsException e) {
        throw new IllegalArgumentException("legs are cut off at byte " + bytes.length, e);
      }
      return legs;
    }

    private long signed() {
      long value = number();
      return (value >>> 1) ^ -(value & 1);
    }

    private long number() {
      long value = 0;
      for (int shift = 0; shift < 64; shift += 7) {
        byte next = bytes[at++];
        value |= (next & 0x7fL) << shift;
        if (next >= 0) {
          return value;
        }
      }
      throw new IllegalArgumentException("a number in legs is longer than 64 bits, at " + at);
    }
  }
}
