package faregate.sandbox;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingType;
import com.knuddels.jtokkit.api.IntArrayList;
import faregate.kit.TextSlices;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// Counts and cuts text by a real tokenizer (o200k). Loading takes some 0.2 s and 25 MB of heap,
/// once for all sandboxes, and counting 0.1 ms per kilobyte: so it is loaded at start, and long
/// texts are counted off the event loop.
final class Tokens {
  private static final Encoding ENCODING =
      Encodings.newLazyEncodingRegistry().getEncoding(EncodingType.O200K_BASE);

  /// A character has at most four bytes; but a token may end one and begin the next.
  private static final int PARTS_MAX = 16;

  int count(String text) {
    return Math.toIntExact(TextSlices.sum(text, ENCODING::countTokensOrdinary));
  }

  /// The text, token by token. A character that several tokens make up comes with the last of them;
  /// the others are empty. What is no character at all is not waited for without end.
  List<String> pieces(String text) {
    IntArrayList ids = ENCODING.encodeOrdinary(text);
    List<String> pieces = new ArrayList<>(ids.size());
    IntArrayList open = new IntArrayList();
    for (int at = 0; at < ids.size(); at++) {
      open.add(ids.get(at));
      String piece = new String(ENCODING.decodeBytes(open), StandardCharsets.UTF_8);
      if (piece.indexOf('\ufffd') >= 0 && open.size() < PARTS_MAX) {
        pieces.add("");
      } else {
        pieces.add(piece);
        open.clear();
      }
    }
    return List.copyOf(pieces);
  }
}
