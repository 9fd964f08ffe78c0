package faregate.http;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// Finds where lines end, eight bytes at a step: most bytes of a stream are within a line, and each
/// is looked at here.
final class LineEnds {
  private static final VarHandle EIGHT =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long ONES = 0x0101010101010101L;
  private static final long HIGHEST = 0x8080808080808080L;
  private static final long LINE_FEEDS = '\n' * ONES;
  private static final long RETURNS = '\r' * ONES;

  private LineEnds() {}

  /// @return where the next LF or CR is, or `to` when there is none before it
  static int next(byte[] array, int from, int to) {
    int at = from;
    for (; to - at >= Long.BYTES; at += Long.BYTES) {
      long eight = (long) EIGHT.get(array, at);
      long ends = zeros(eight ^ LINE_FEEDS) | zeros(eight ^ RETURNS);
      if (ends != 0) {
        return at + Long.numberOfTrailingZeros(ends) / Byte.SIZE;
      }
    }
    while (at < to && array[at] != '\n' && array[at] != '\r') {
      at++;
    }
    return at;
  }

  /// Has the highest bit of each byte that is 0. It may have that of bytes above such a one as
  /// well, so only the lowest is to be believed.
  private static long zeros(long bytes) {
    return (bytes - ONES) & ~bytes & HIGHEST;
  }
}
