package faregate.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;

/// Any bytes, cut anywhere: what comes in goes out, whole and cut streams say the same, and nothing
/// is ever thrown but the bound.
class SseReaderFuzz {
  private static final int BOUND = 300;

  private record Seen(List<String> data, String bytes, boolean tooLarge) {}

  @FuzzTest
  void read(FuzzedDataProvider input) {
    int cut = input.consumeInt(1, 64);
    byte[] stream = input.consumeRemainingAsBytes();
    Seen whole = read(stream, Math.max(1, stream.length));
    Seen pieces = read(stream, cut);
    String text = new String(stream, ISO_8859_1);
    check(whole.tooLarge() || whole.bytes().equals(text), "bytes were lost", whole);
    check(whole.tooLarge() == pieces.tooLarge(), "the bound depends on the cut", pieces);
    check(pieces.tooLarge() || pieces.bytes().equals(text), "bytes were lost in pieces", pieces);
    check(
        whole.tooLarge() || whole.data().equals(pieces.data()), "the cut changed the data", pieces);
  }

  private static Seen read(byte[] stream, int size) {
    SseReader reader = new SseReader(BOUND);
    List<String> data = new ArrayList<>();
    StringBuilder bytes = new StringBuilder();
    try {
      for (int at = 0; at < stream.length; at += size) {
        int length = Math.min(size, stream.length - at);
        byte[] chunk = new byte[length];
        System.arraycopy(stream, at, chunk, 0, length);
        reader.read(Buffer.buffer(chunk), event -> take(event, data, bytes));
      }
    } catch (SseReader.EventTooLarge _) {
      return new Seen(List.of(), "", true);
    }
    return new Seen(data, bytes.append(reader.rest().toString(ISO_8859_1)).toString(), false);
  }

  private static void take(SseEvent event, List<String> data, StringBuilder bytes) {
    bytes.append(event.bytes().toString(ISO_8859_1));
    if (event.hasData()) {
      data.add(new String(event.dataArray(), event.dataStart(), event.dataLength(), ISO_8859_1));
    }
  }

  private static void check(boolean holds, String otherwise, Seen seen) {
    if (!holds) {
      throw new AssertionError(otherwise + ": " + seen);
    }
  }
}
