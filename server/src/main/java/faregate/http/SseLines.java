package faregate.http;

import java.io.ByteArrayOutputStream;
import org.jspecify.annotations.Nullable;

/// Finds the data in the lines of one event.
final class SseLines {
  private final byte[] array;
  private final int end;
  private int at;
  private int dataLines;
  private int dataStart;
  private int dataEnd;
  private @Nullable ByteArrayOutputStream joined;

  SseLines(byte[] array, int from, int end) {
    this.array = array;
    this.end = end;
    this.at = from;
  }

  SseEvent toEvent(int eventStart, int eventEnd) {
    while (at < end) {
      int lineStart = at;
      at = LineEnds.next(array, at, end);
      line(lineStart, at);
      at++;
    }
    if (joined == null) {
      return new SseEvent(array, eventStart, eventEnd, array, dataStart, dataEnd, dataLines > 0);
    }
    byte[] data = joined.toByteArray();
    return new SseEvent(array, eventStart, eventEnd, data, 0, data.length, true);
  }

  private void line(int start, int stop) {
    if (stop - start < 4
        || array[start] != 'd'
        || array[start + 1] != 'a'
        || array[start + 2] != 't'
        || array[start + 3] != 'a') {
      return;
    }
    int value = start + 4;
    if (value < stop) {
      if (array[value] != ':') {
        return;
      }
      value++;
      if (value < stop && array[value] == ' ') {
        value++;
      }
    }
    data(value, stop);
  }

  private void data(int start, int stop) {
    if (dataLines == 0) {
      dataStart = start;
      dataEnd = stop;
    } else {
      if (joined == null) {
        joined = new ByteArrayOutputStream();
        joined.write(array, dataStart, dataEnd - dataStart);
      }
      joined.write('\n');
      joined.write(array, start, stop - start);
    }
    dataLines++;
  }
}
