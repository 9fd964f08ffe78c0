package faregate.dialect;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Reads the chunks of one stream. Not for two threads at once.
///
/// Most chunks of a stream are the same bytes but for the text that the model wrote. So what stands
/// around the text of the last chunk is kept: a chunk that begins and ends with the very same
/// bytes, and has nothing but a plain text between them, says the same of everything else and is
/// not parsed again. It is a shortcut and no second parser: whatever differs is parsed.
public final class ChunkReader {
  private static final byte[] NOTHING = {};

  private byte[] head = NOTHING;
  private byte[] tail = NOTHING;
  private @Nullable ChatChunk alike;

  /// Reads the data of one event, from `offset` on.
  ///
  /// @param delivered takes the text that the chunk delivers
  /// @return null when it is no JSON object
  public @Nullable ChatChunk read(byte[] data, int offset, int length, StringBuilder delivered) {
    ChatChunk known = alike;
    if (known != null && isAlike(data, offset, length)) {
      int from = offset + head.length;
      int to = offset + length - tail.length;
      delivered.append(new String(data, from, to - from, StandardCharsets.US_ASCII));
      return known;
    }
    Output output = new Output(delivered);
    ChatChunk chunk = ChatChunk.read(data, offset, length, output, delivered);
    if (chunk != null && chunk.isText() && output.texts() == 1) {
      learn(data, offset, offset + length, output, chunk);
    }
    return chunk;
  }

  private boolean isAlike(byte[] data, int offset, int length) {
    int from = offset + head.length;
    int end = offset + length;
    int to = end - tail.length;
    return from < to
        && Arrays.equals(data, offset, from, head, 0, head.length)
        && Arrays.equals(data, to, end, tail, 0, tail.length)
        && isPlain(data, from, to);
  }

  /// Whether the bytes of a string stand for themselves.
  private static boolean isPlain(byte[] data, int from, int to) {
    for (int at = from; at < to; at++) {
      byte letter = data[at];
      if (letter < ' ' || letter == '"' || letter == '\\') {
        return false;
      }
    }
    return true;
  }

  /// However this text is written, with escapes or without: what stands around it is the same.
  private void learn(byte[] data, int start, int end, Output output, ChatChunk chunk) {
    int from = start + output.textStart() + 1;
    int to = start + output.textEnd() - 1;
    if (!Arrays.equals(data, start, from, head, 0, head.length)) {
      head = Arrays.copyOfRange(data, start, from);
    }
    if (!Arrays.equals(data, to, end, tail, 0, tail.length)) {
      tail = Arrays.copyOfRange(data, to, end);
    }
    alike = chunk;
  }
}
