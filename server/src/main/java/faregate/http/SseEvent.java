package faregate.http;

import io.netty.buffer.Unpooled;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;

/// One event of a stream, as it came: a view of the chunk it came in, which nobody writes to again.
///
/// @param array holds the bytes; do not change them
/// @param start where the event begins in `array`
/// @param end behind its blank line
/// @param dataStart where its data begins in `dataArray`
/// @param dataEnd behind its data; equal to `dataStart` when it is empty
/// @param hasData false for an event without a data line, such as a keep-alive comment
/// @param dataArray same as `array`, except where the data spans several lines
public record SseEvent(
    byte[] array,
    int start,
    int end,
    byte[] dataArray,
    int dataStart,
    int dataEnd,
    boolean hasData) {

  /// The exact bytes of the event with its blank line.
  public Buffer bytes() {
    return BufferInternal.buffer(Unpooled.wrappedBuffer(array, start, end - start));
  }

  public int length() {
    return end - start;
  }

  public int dataLength() {
    return dataEnd - dataStart;
  }

  /// Whether the data is `[DONE]`, the end of a stream in OpenAI's dialect.
  public boolean isDone() {
    return dataLength() == 6
        && dataArray[dataStart] == '['
        && dataArray[dataStart + 1] == 'D'
        && dataArray[dataStart + 2] == 'O'
        && dataArray[dataStart + 3] == 'N'
        && dataArray[dataStart + 4] == 'E'
        && dataArray[dataStart + 5] == ']';
  }
}
