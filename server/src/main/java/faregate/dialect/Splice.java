package faregate.dialect;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Changes of a few ranges of a JSON text; every other byte stays as it came.
///
/// A tree would change number text (`1e-9` becomes `1.0E-9`) and key order, so bodies are never
/// serialised anew.
public final class Splice {
  private static final Comparator<Edit> IN_ORDER =
      Comparator.comparingInt(Edit::start).thenComparingInt(Edit::end);

  private final List<Edit> edits = new ArrayList<>(4);
  private int growth;

  /// Puts `text` in the place of the bytes from `start` to `end`; an insertion where they are
  /// equal.
  public Splice replace(int start, int end, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    edits.add(new Edit(start, end, bytes));
    growth += bytes.length - (end - start);
    return this;
  }

  public Splice insert(int at, String text) {
    return replace(at, at, text);
  }

  /// The changed text. Ranges must not overlap; insertions at one place keep their order, and stand
  /// before what replaces the range that begins there.
  public byte[] apply(byte[] source) {
    edits.sort(IN_ORDER);
    byte[] result = new byte[source.length + growth];
    int from = 0;
    int to = 0;
    for (Edit edit : edits) {
      int kept = edit.start - from;
      System.arraycopy(source, from, result, to, kept);
      System.arraycopy(edit.bytes, 0, result, to + kept, edit.bytes.length);
      to += kept + edit.bytes.length;
      from = edit.end;
    }
    System.arraycopy(source, from, result, to, source.length - from);
    return result;
  }

  private record Edit(int start, int end, byte[] bytes) {}
}
