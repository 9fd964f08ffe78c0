package faregate.http;

import io.netty.buffer.ByteBuf;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import java.util.Arrays;
import java.util.function.Consumer;

/// Splits a byte stream into server-sent events, wherever it was cut.
///
/// An event ends with its blank line; lines end with CRLF, LF or CR. Every byte that comes in goes
/// out with exactly one event, in order, or is what [#rest()] holds. An event that lies within one
/// chunk is not copied; one that spans chunks is collected.
///
/// One trap: a chunk may end between the CR and the LF of a blank line. The event is handed over
/// with the CR, for nobody knows whether an LF will come; if it does, it leads the next event,
/// where it says nothing.
public final class SseReader {
  private static final int NOT_YET = -1;
  private static final byte[] NOTHING = {};

  private final int eventBytesMax;
  private byte[] carried = NOTHING;
  private int carriedLength;
  private boolean lineEmpty = true;
  private boolean afterReturn;
  private boolean first = true;
  private int strayBytes;
  private int lines;
  private int firstLineEnd = NOT_YET;

  /// An event is larger than the reader takes. The stream cannot be read further.
  public static final class EventTooLarge extends RuntimeException {
    private static final long serialVersionUID = 1;

    EventTooLarge(int bytesMax) {
      super("an event of this stream is larger than " + bytesMax + " bytes");
    }
  }

  /// @param eventBytesMax the largest event, with its blank line; an LF that closes the CR of a
  ///   blank line does not count, so that the bound is the same wherever the stream is cut
  public SseReader(int eventBytesMax) {
    this.eventBytesMax = eventBytesMax;
  }

  /// Takes the next chunk and hands over each event that is complete now.
  ///
  /// @throws EventTooLarge when an event exceeds the bound
  public void read(Buffer chunk, Consumer<SseEvent> sink) {
    ByteBuf bytes = ((BufferInternal) chunk).getByteBuf();
    if (bytes.hasArray()) {
      int from = bytes.arrayOffset() + bytes.readerIndex();
      read(bytes.array(), from, from + bytes.readableBytes(), sink);
    } else {
      byte[] copy = chunk.getBytes();
      read(copy, 0, copy.length, sink);
    }
  }

  private void read(byte[] array, int from, int to, Consumer<SseEvent> sink) {
    int start = from;
    int at = from;
    while (at < to) {
      int lineEnd = LineEnds.next(array, at, to);
      if (lineEnd > at) {
        afterReturn = false;
        lineEmpty = false;
        at = lineEnd;
        continue;
      }
      byte letter = array[at++];
      boolean closesReturn = letter == '\n' && afterReturn;
      afterReturn = letter == '\r';
      if (closesReturn) {
        if (carriedLength + at - 1 - start == 0) {
          strayBytes = 1;
        }
        continue;
      }
      if (!lineEmpty) {
        lineEmpty = true;
        if (lines++ == 0) {
          firstLineEnd = carriedLength + at - 1 - start;
        }
        continue;
      }
      check(carriedLength + at - start);
      if (letter == '\r' && at < to && array[at] == '\n') {
        at++;
        afterReturn = false;
      }
      handOver(array, start, at, sink);
      start = at;
    }
    check(carriedLength + to - start);
    append(array, start, to);
  }

  private void handOver(byte[] array, int start, int end, Consumer<SseEvent> sink) {
    SseEvent event;
    if (carriedLength == 0) {
      event = parse(array, start, end);
    } else {
      append(array, start, end);
      event = parse(carried, 0, carriedLength);
      carried = NOTHING;
      carriedLength = 0;
    }
    first = false;
    lines = 0;
    strayBytes = 0;
    firstLineEnd = NOT_YET;
    sink.accept(event);
  }

  private SseEvent parse(byte[] array, int start, int end) {
    int begin = start + (first ? byteOrderMark(array, start, end) : 0);
    if (lines == 1 && array[begin] != '\n' && array[begin] != '\r') {
      SseLines single = new SseLines(array, begin, start + firstLineEnd);
      return single.toEvent(start, end);
    }
    return new SseLines(array, begin, end).toEvent(start, end);
  }

  private static int byteOrderMark(byte[] array, int start, int end) {
    boolean marked =
        end - start >= 3
            && array[start] == (byte) 0xef
            && array[start + 1] == (byte) 0xbb
            && array[start + 2] == (byte) 0xbf;
    return marked ? 3 : 0;
  }

  private void append(byte[] array, int start, int end) {
    int length = end - start;
    if (length == 0) {
      return;
    }
    if (carried.length < carriedLength + length) {
      carried = Arrays.copyOf(carried, Math.max(2 * carried.length, carriedLength + length));
    }
    System.arraycopy(array, start, carried, carriedLength, length);
    carriedLength += length;
  }

  private void check(int length) {
    if (length - strayBytes > eventBytesMax) {
      throw new EventTooLarge(eventBytesMax);
    }
  }

  /// Whether all that came in has gone out: a chunk that leaves it so, and found it so, holds whole
  /// events only.
  public boolean isBetweenEvents() {
    return carriedLength == 0;
  }

  /// The bytes of an event that has not ended. At the end of a stream they are passed on, not read:
  /// an event without its blank line was never sent.
  public Buffer rest() {
    return Buffer.buffer(Arrays.copyOf(carried, carriedLength));
  }
}
