package faregate.sandbox;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingType;
import com.knuddels.jtokkit.api.IntArrayList;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// Counts and cuts text by a real tokenizer (o200k). Loading takes some 0.2 s and 25 MB of heap,
/// once for all sandboxes, and counting 0.1 ms per kilobyte: so it is loaded at start, and long
/// texts are counted off the event loop.
final class Tokens {
  private static final Encoding ENCODING =
      Encodings.newLazyEncodingRegistry().getEncoding(EncodingType.O200K_BASE);

  /// A run of letters without a break costs the tokenizer its square, in time and memory.
  private static final int SLICE = 8_192;

  /// In slices, which begin with a space where there is one: then the sum is that of the whole.
  int count(String text) {
    int count = 0;
    for (int from = 0; from < text.length(); ) {
      int to = end(text, from);
      count += ENCODING.countTokensOrdinary(text.substring(from, to));
      from = to;
    }
    return count;
  }

  private static int end(String text, int from) {
    if (text.length() - from <= SLICE) {
      return text.length();
    }
    int end = from + SLICE;
    for (int at = end; at > from + SLICE / 2; at--) {
      if (text.charAt(at) == ' ' && Character.isLetterOrDigit(text.charAt(at - 1))) {
        return at;
      }
    }
    return Character.isLowSurrogate(text.charAt(end)) ? end + 1 : end;
  }

  /// The text, token by token. A character that several tokens make up comes with the last of them;
  /// the others are empty.
  List<String> pieces(String text) {
    IntArrayList ids = ENCODING.encodeOrdinary(text);
    List<String> pieces = new ArrayList<>(ids.size());
    IntArrayList open = new IntArrayList();
    for (int at = 0; at < ids.size(); at++) {
      open.add(ids.get(at));
      String piece = new String(ENCODING.decodeBytes(open), StandardCharsets.UTF_8);
      if (piece.indexOf('\ufffd') >= 0) {
        pieces.add("");
      } else {
        pieces.add(piece);
        open.clear();
      }
    }
    return List.copyOf(pieces);
  }
}
